//! why: whoever led last is named, though it is not back
//! shows: 3 led last, and is not back

pub fn elect(
    record: &PartitionRecord,
    is_active: impl Fn(i32) -> bool,
    election: Election,
    rules: ElectionRules,
) -> Elected {
    let replicas = || record.replicas.iter().copied();
    let preferred = replicas().next().filter(|_| election == Election::Preferred);
    let in_order = preferred.into_iter().chain(record.leader).chain(replicas());
    let mut in_sync = in_order.filter(|id| record.in_sync.contains(id) && is_active(*id));
    if let Some(leader) = in_sync.next() {
        return Elected::InSync(leader);
    }
    let has_second_row = rules.eligible_leader_replicas && record.in_sync.is_empty();
    let mut second_row = replicas().filter(|id| record.eligible.contains(id) && is_active(*id));
    if let Some(leader) = second_row.next().filter(|_| has_second_row) {
        return Elected::Eligible(leader);
    }
    let is_empty = has_second_row && record.eligible.is_empty();
    let may_recover = is_empty && rules.recovery == UncleanRecovery::Balanced;
    if let Some(leader) = record.last_leader.filter(|_| may_recover) {
        return Elected::LastLeader(leader);
    }
    match replicas().find(|&id| is_active(id)) {
        Some(leader) if election == Election::Unclean => Elected::Unclean(leader),
        _ => Elected::Nobody,
    }
}
