//! Who leads: `elect`.

use replication::controller::election::{Elected, Election, ElectionRules, UncleanRecovery, elect};
use replication::records::PartitionRecord;
use story::judge;

use crate::support::{ONE_ROW, RULES, partition};

const ELECT: &str = "src/controller/election.rs, fn elect";

#[track_caller]
fn judge_clean(rule: &str, expected: Elected, record: &PartitionRecord, alive: &[i32]) {
    judge_election(rule, expected, record, alive, Election::Clean, RULES);
}

#[track_caller]
fn judge_election(
    rule: &str,
    expected: Elected,
    record: &PartitionRecord,
    alive: &[i32],
    election: Election,
    rules: ElectionRules,
) {
    judge::eq(rule, expected, elect(record, |id| alive.contains(&id), election, rules), ELECT);
}

#[test]
fn whoever_leads_stays() {
    let record = partition(&[1, 2, 3], &[1, 2, 3], Some(3));
    judge_clean(
        "3 leads, is alive and in sync: it stays, though 1 comes first",
        Elected::InSync(3),
        &record,
        &[1, 2, 3],
    );
    let record = partition(&[1, 2, 3], &[1, 3], Some(2));
    judge_clean("2 leads and is not in sync any more: it cannot stay", Elected::InSync(1), &record, &[1, 2, 3]);
    let record = partition(&[1, 2, 3], &[1, 2, 3], Some(1));
    judge_clean("1 leads and is dead: it cannot stay", Elected::InSync(2), &record, &[2, 3]);
}

#[test]
fn the_first_of_the_replicas_that_is_in_sync_and_alive() {
    let record = partition(&[3, 1, 2], &[1, 2, 3], None);
    judge_clean("the order is that of the replicas", Elected::InSync(3), &record, &[1, 2, 3]);
    judge_clean("3 is dead, and 1 comes next in the replicas", Elected::InSync(1), &record, &[1, 2]);
    let record = partition(&[3, 1, 2], &[2, 1], None);
    judge_clean("3 is not in sync; the order is not that of the in-sync list", Elected::InSync(1), &record, &[1, 2, 3]);
    judge_clean("only 2 is alive and in sync", Elected::InSync(2), &record, &[2, 3]);
}

#[test]
fn nobody_leads_rather_than_one_who_may_lack_something() {
    let record = partition(&[1, 2, 3], &[1], Some(1));
    judge_clean("2 and 3 are alive and not in sync: the partition waits for 1", Elected::Nobody, &record, &[2, 3]);
    judge_clean("nobody is alive", Elected::Nobody, &record, &[]);
}

#[test]
fn an_unclean_election_takes_whoever_is_alive_and_only_then() {
    let record = partition(&[1, 2, 3], &[1], Some(1));
    let judge = |rule, expected, alive: &[i32]| {
        judge_election(rule, expected, &record, alive, Election::Unclean, RULES);
    };
    judge(
        "1 is dead: the first replica that is alive leads, and what only 1 has is lost",
        Elected::Unclean(2),
        &[2, 3],
    );
    judge("only 3 is alive", Elected::Unclean(3), &[3]);
    judge("1 is alive and in sync: nothing is given up", Elected::InSync(1), &[1, 2, 3]);
    judge("nobody is alive", Elected::Nobody, &[]);
    judge("broker 4 is alive and has no replica", Elected::Nobody, &[4]);
    let record = partition(&[1, 2, 3], &[3], None);
    let rule = "3 comes last, and is in sync: it leads before anybody who may lack something";
    judge_election(rule, Elected::InSync(3), &record, &[1, 2, 3], Election::Unclean, RULES);
}

#[test]
fn the_preferred_leader_is_the_first_replica() {
    let preferred = |rule, expected, record: &PartitionRecord, alive: &[i32]| {
        judge_election(rule, expected, record, alive, Election::Preferred, RULES);
    };
    let record = partition(&[1, 2, 3], &[1, 2, 3], Some(2));
    preferred("2 leads, and 1 is preferred, alive and in sync", Elected::InSync(1), &record, &[1, 2, 3]);
    preferred("1 is dead: 2 goes on", Elected::InSync(2), &record, &[2, 3]);
    let record = partition(&[1, 2, 3], &[2, 3], Some(3));
    preferred("1 is not in sync: 3 goes on, though 2 comes before it", Elected::InSync(3), &record, &[1, 2, 3]);
    let record = partition(&[1, 2, 3], &[2, 3], Some(3));
    preferred("3 is dead, and 1 is not in sync: 2 leads", Elected::InSync(2), &record, &[1, 2]);
    let record = partition(&[1, 2, 3], &[3], None);
    preferred("preferred is no excuse to lack something", Elected::Nobody, &record, &[1, 2]);
}

#[test]
fn whoever_led_last_leads_when_both_rows_are_empty() {
    let record = PartitionRecord { last_leader: Some(3), ..partition(&[1, 2, 3], &[], None) };
    judge_clean("3 led last, and nobody is sure to have everything", Elected::LastLeader(3), &record, &[1, 2, 3]);
    judge_clean("3 led last, and is not back", Elected::Nobody, &record, &[1, 2]);
    let unclean = |rule, expected, alive: &[i32]| {
        judge_election(rule, expected, &record, alive, Election::Unclean, RULES);
    };
    unclean("3 led last: it is a better guess than 1", Elected::LastLeader(3), &[1, 2, 3]);
    unclean("3 is not back", Elected::Unclean(1), &[1, 2]);
    let waits = ElectionRules { recovery: UncleanRecovery::None, ..RULES };
    let rule = "unclean.recovery.strategy is none: the partition waits for an operator";
    judge_election(rule, Elected::Nobody, &record, &[1, 2, 3], Election::Clean, waits);
    let record = PartitionRecord { eligible: vec![2], ..record.clone() };
    judge_clean("2 is eligible, and has everything", Elected::Eligible(2), &record, &[1, 2, 3]);
    judge_clean("2 has everything, and is waited for", Elected::Nobody, &record, &[1, 3]);
}

#[test]
fn the_second_row_leads_when_nobody_is_in_sync_any_more() {
    let record = PartitionRecord { eligible: vec![2, 3], ..partition(&[1, 3, 2], &[], None) };
    judge_clean("3 comes before 2 in the replicas", Elected::Eligible(3), &record, &[1, 2, 3]);
    judge_clean("3 is dead", Elected::Eligible(2), &record, &[1, 2]);
    judge_clean("only 1 is alive, and is not eligible", Elected::Nobody, &record, &[1]);
    let unclean = |rule, expected, alive: &[i32]| {
        judge_election(rule, expected, &record, alive, Election::Unclean, RULES);
    };
    unclean("2 is eligible and lacks nothing: it leads before 1, who may", Elected::Eligible(2), &[1, 2]);
    unclean("only 1 is alive", Elected::Unclean(1), &[1]);
    let rule = "the cluster has no second row: a list that was made when it had one does not count";
    judge_election(rule, Elected::Nobody, &record, &[1, 2, 3], Election::Clean, ONE_ROW);
    let record = PartitionRecord { eligible: vec![2], ..partition(&[1, 2, 3], &[3], Some(3)) };
    judge_clean("3 is in sync and alive: the second row waits", Elected::InSync(3), &record, &[2, 3]);
    judge_clean("3 is in sync and dead: it may have more than the second row", Elected::Nobody, &record, &[1, 2]);
}

/// Every partition of three replicas, by every rule: what `elect` may never do.
#[test]
fn whatever_there_is_a_leader_is_a_replica_that_is_alive() {
    let subsets = |of: &[i32]| -> Vec<Vec<i32>> {
        let chosen = |bits: usize| of.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1).map(|(_, id)| *id);
        (0..1 << of.len()).map(|bits| chosen(bits).collect()).collect()
    };
    let replicas = [2, 1, 3];
    for in_sync in subsets(&replicas) {
        for leader in in_sync.iter().copied().map(Some).chain([None]) {
            for alive in subsets(&[1, 2, 3, 4]) {
                let record = partition(&replicas, &in_sync, leader);
                let may_lead = replicas.iter().copied().find(|id| in_sync.contains(id) && alive.contains(id));
                let stays = leader.filter(|leader| alive.contains(leader));
                let expected = stays.or(may_lead).map_or(Elected::Nobody, Elected::InSync);
                let rule =
                    format!("{leader:?} leads, {in_sync:?} are in sync and {alive:?} alive, of replicas {replicas:?}");
                judge_election(&rule, expected, &record, &alive, Election::Clean, ONE_ROW);
            }
        }
    }
}
