//! Who leads. A pure function.
//!
//! A leader must have everything that was committed, or it is lost. Those in sync have it, as nothing is committed before
//! they all have it. So one of them is elected, and if none of them is alive, then nobody: the partition waits. It can be
//! told not to wait (`unclean.leader.election.enable`). Then whoever is alive leads, and all others follow that one's log,
//! which may lack what clients were told is safe.
//!
//! Behind those in sync there may be a second row (KIP-966). While fewer than `min.insync.replicas` are in sync, nothing is
//! committed. So whoever left the ISR in that time lacks nothing, and may lead if nobody is in sync any more.
//!
//! ```text
//!   replicas   1  2  3  4       in order of preference
//!   in sync       2  3          the first of these that is alive       InSync
//!   eligible   1                then the first of these                Eligible
//!              if both are empty: who led last                         LastLeader
//!                               then, if told so, any that is alive    Unclean
//! ```
//!
//! Both rows are empty when every broker in them has ended without having stopped in order: all processes were killed, say, or
//! the power failed everywhere. Nobody is sure to have everything then. Whoever led last is the best guess: if it was killed, it
//! has all that it had written, and if it was the machine that failed, the others may have lost as much. (So does Kafka.)

use crate::records::PartitionRecord;

/// How to look for a leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Election {
    /// Whoever leads stays. If it cannot, one that has everything.
    Clean,
    /// The first of the replicas, if it has everything; else as `Clean`.
    Preferred,
    /// As `Clean`; if there is nobody, whoever is alive.
    Unclean,
}

/// What an election gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Elected {
    /// One of those in sync. They stay in sync.
    InSync(i32),
    /// One of the second row. It alone is in sync from now on.
    Eligible(i32),
    /// Who led last, and may have lost what it had not flushed. It alone is in sync from now on.
    LastLeader(i32),
    /// One that may lack something. What it lacks is lost, and it alone is in sync from now on.
    Unclean(i32),
    /// Nobody leads.
    Nobody,
}

/// What to do when nobody is sure to have everything, and both rows are empty (`unclean.recovery.strategy`, KIP-966).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UncleanRecovery {
    /// Nothing: the partition waits for an operator.
    None,
    /// Whoever led last leads again, once it is back. It may have lost what it had not flushed.
    #[default]
    Balanced,
}

/// What a partition's topic and the cluster have set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ElectionRules {
    /// Whether there is a second row (KIP-966).
    pub eligible_leader_replicas: bool,
    /// Whether there is a way out if both are empty.
    pub recovery: UncleanRecovery,
    /// `unclean.leader.election.enable`.
    pub unclean: bool,
    /// `min.insync.replicas`.
    pub min_in_sync: usize,
}

impl ElectionRules {
    /// The election that is held when something has happened, and nobody has asked for one.
    pub fn usual(self) -> Election {
        if self.unclean { Election::Unclean } else { Election::Clean }
    }

    /// How many of so many replicas must be in sync for anything to be committed.
    pub fn min_in_sync_of(self, replicas: usize) -> usize {
        self.min_in_sync.min(replicas)
    }
}

/// Holds an election. `is_active` says who is alive: registered, neither fenced nor about to stop, and with a log that works.
/// What follows from the answer is not done here ([`hold_election`](super::partition::hold_election)).
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
    if let Some(leader) = record.last_leader.filter(|&id| may_recover && is_active(id)) {
        return Elected::LastLeader(leader);
    }
    match replicas().find(|&id| is_active(id)) {
        Some(leader) if election == Election::Unclean => Elected::Unclean(leader),
        _ => Elected::Nobody,
    }
}
