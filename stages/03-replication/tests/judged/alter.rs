//! A leader asks for another list of replicas in sync: `alter`.

use partitioning::ErrorCode;
use replication::api::AlterPartitionRequest;
use replication::controller::alter::alter;
use replication::controller::election::ElectionRules;
use replication::records::{BrokerRecord, PartitionRecord};
use story::judge;

use crate::support::{ONE_ROW, RULES, brokers, partition};

const ALTER: &str = "src/controller/alter.rs, fn alter";
const TIME: &str = "src/controller/alter.rs, fn judge_time";
const LIST: &str = "src/controller/alter.rs, fn judge_list";
const MEMBERS: &str = "src/controller/alter.rs, fn judge_members";

/// Broker 1 leads, 1 and 2 are in sync, and 3 is not.
fn led_by_1() -> PartitionRecord {
    partition(&[1, 2, 3], &[1, 2], Some(1))
}

/// Broker 1 asks for this list, knowing all there is to know. Each member is said to be in the epoch that it is in.
fn wish(in_sync: &[i32]) -> AlterPartitionRequest {
    let in_sync = in_sync.iter().map(|&id| (id, i64::from(id) * 100)).collect();
    AlterPartitionRequest { leader: 1, leader_epoch: 5, partition_epoch: 20, in_sync }
}

/// What is decided, in one line.
fn told(decided: &Result<PartitionRecord, ErrorCode>) -> String {
    match decided {
        Err(code) => code.name().to_owned(),
        Ok(record) => {
            let PartitionRecord { replicas, in_sync, leader, leader_epoch, partition_epoch, eligible, .. } = record;
            let leader = leader.map_or("nobody".to_owned(), |leader| leader.to_string());
            format!(
                "{leader} leads in {leader_epoch}, in sync {in_sync:?} of {replicas:?}, eligible {eligible:?}, change {partition_epoch}"
            )
        }
    }
}

#[track_caller]
fn judge_wish(rule: &str, expected: &str, record: &PartitionRecord, request: &AlterPartitionRequest, look_at: &str) {
    judge_with(rule, expected, record, request, RULES, look_at);
}

#[track_caller]
fn judge_with(
    rule: &str,
    expected: &str,
    record: &PartitionRecord,
    request: &AlterPartitionRequest,
    rules: ElectionRules,
    look_at: &str,
) {
    let decided = alter(record, request, 1, &brokers(&[1, 2, 3, 4]), rules).map_err(|refusal| refusal.code);
    judge::text(rule, expected, &told(&decided), look_at);
}

#[test]
fn a_list_that_can_be_is_granted() {
    let expected = "1 leads in 5, in sync [1, 2, 3] of [1, 2, 3], eligible [], change 21";
    judge_wish(
        "3 has caught up and joins: one change, and the leader is the same",
        expected,
        &led_by_1(),
        &wish(&[1, 2, 3]),
        ALTER,
    );
    let expected = "1 leads in 5, in sync [1] of [1, 2, 3], eligible [], change 21";
    let rule = "2 has fallen behind and leaves: the leader epoch stays";
    judge_with(rule, expected, &led_by_1(), &wish(&[1]), ONE_ROW, ALTER);
}

#[test]
fn the_same_list_is_a_change_like_any_other() {
    let expected = "1 leads in 5, in sync [1, 2] of [1, 2, 3], eligible [], change 21";
    let rule = "whatever was asked for before change 21, and is still on its way, is refused when it arrives";
    judge_wish(rule, expected, &led_by_1(), &wish(&[1, 2]), ALTER);
}

#[test]
fn whoever_speaks_for_an_earlier_leader_changes_nothing() {
    let late = AlterPartitionRequest { leader_epoch: 4, ..wish(&[1]) };
    judge_wish("asked in epoch 4, and it is 5 by now", "FENCED_LEADER_EPOCH", &led_by_1(), &late, TIME);
    let later = AlterPartitionRequest { leader_epoch: 6, ..wish(&[1]) };
    let rule = "asked in epoch 6, of which this controller has not heard: it is not the one that there is";
    judge_wish(rule, "NOT_CONTROLLER", &led_by_1(), &later, TIME);
    let led_by_2 = PartitionRecord { leader: Some(2), ..led_by_1() };
    judge_wish("1 asks, and 2 leads in this epoch", "INVALID_REQUEST", &led_by_2, &wish(&[1, 2]), TIME);
    let led_by_nobody = PartitionRecord { leader: None, ..led_by_1() };
    judge_wish("1 asks, and nobody leads in this epoch", "INVALID_REQUEST", &led_by_nobody, &wish(&[1]), TIME);
    let for_2 = AlterPartitionRequest { leader: 2, ..wish(&[1, 2]) };
    judge_wish("1 asks in the name of 2", "INVALID_REQUEST", &led_by_1(), &for_2, TIME);
    let decided = alter(&led_by_1(), &wish(&[1, 2]), 2, &brokers(&[1, 2, 3]), RULES).map_err(|refusal| refusal.code);
    judge::text("2 asks in the name of 1", "INVALID_REQUEST", &told(&decided), TIME);
    let late_and_ahead = AlterPartitionRequest { leader_epoch: 4, partition_epoch: 21, ..wish(&[1]) };
    let rule = "a change that this controller does not know comes before all else";
    judge_wish(rule, "NOT_CONTROLLER", &led_by_1(), &late_and_ahead, TIME);
}

#[test]
fn whoever_does_not_know_the_last_change_changes_nothing() {
    let behind = AlterPartitionRequest { partition_epoch: 19, ..wish(&[1, 2, 3]) };
    judge_wish("it knows change 19, and there is change 20", "INVALID_UPDATE_VERSION", &led_by_1(), &behind, TIME);
    let ahead = AlterPartitionRequest { partition_epoch: 21, ..wish(&[1, 2, 3]) };
    judge_wish("it knows change 21, and here is change 20", "NOT_CONTROLLER", &led_by_1(), &ahead, TIME);
}

#[test]
fn a_list_names_replicas_each_once_and_the_leader() {
    judge_wish("4 has no replica", "INVALID_REQUEST", &led_by_1(), &wish(&[1, 4]), LIST);
    judge_wish("2 is named twice", "INVALID_REQUEST", &led_by_1(), &wish(&[1, 2, 2]), LIST);
    judge_wish("the leader itself is not in the list", "INVALID_REQUEST", &led_by_1(), &wish(&[2, 3]), LIST);
    judge_wish("nobody is in the list", "INVALID_REQUEST", &led_by_1(), &wish(&[]), LIST);
}

#[track_caller]
fn judge_3(rule: &str, expected: &str, change: impl FnOnce(&mut BrokerRecord)) {
    let mut brokers = brokers(&[1, 2, 3]);
    change(brokers.get_mut(&3).expect("it is there"));
    let decided = alter(&led_by_1(), &wish(&[1, 2, 3]), 1, &brokers, RULES).map_err(|refusal| refusal.code);
    let decided = decided.map(|record| record.in_sync);
    judge::text(
        rule,
        expected,
        &decided.map_or_else(|code| code.name().to_owned(), |list| format!("{list:?}")),
        MEMBERS,
    );
}

#[test]
fn nobody_joins_whom_the_controller_holds_for_dead() {
    judge_3("3 is alive, and in the epoch that the leader knows", "[1, 2, 3]", |_| {});
    judge_3("3 is fenced: it would be elected, and is dead", "INELIGIBLE_REPLICA", |broker| broker.fenced = true);
    judge_3("3 is about to stop", "INELIGIBLE_REPLICA", |broker| broker.stopping = true);
    let rule = "3 has started anew since it fetched, and may have lost what it had";
    judge_3(rule, "INELIGIBLE_REPLICA", |broker| broker.epoch = 301);
    let rule = "an epoch that is newer than the controller's is not the same either";
    judge_3(rule, "INELIGIBLE_REPLICA", |broker| broker.epoch = 299);
    let decided = alter(&led_by_1(), &wish(&[1, 2, 3]), 1, &brokers(&[1, 2]), RULES).map_err(|refusal| refusal.code);
    judge::text("3 has never registered", "INELIGIBLE_REPLICA", &told(&decided), MEMBERS);
}

#[test]
fn who_is_a_member_already_is_judged_as_well() {
    let mut brokers = brokers(&[1, 2, 3]);
    brokers.get_mut(&2).expect("it is there").fenced = true;
    let decided = alter(&led_by_1(), &wish(&[1, 2, 3]), 1, &brokers, RULES).map_err(|refusal| refusal.code);
    judge::text("2 is in sync, and is fenced by now", "INELIGIBLE_REPLICA", &told(&decided), MEMBERS);
    let mut request = wish(&[1, 2]);
    request.in_sync[1] = (2, 201);
    judge_wish(
        "2 is in sync, and is not in the epoch that the leader knows",
        "INELIGIBLE_REPLICA",
        &led_by_1(),
        &request,
        MEMBERS,
    );
}

#[test]
fn an_epoch_that_is_not_known_is_good_for_members_alone() {
    let unknown = |id: i32, list: &[i32]| {
        let mut request = wish(list);
        request.in_sync.iter_mut().filter(|(member, _)| *member == id).for_each(|(_, epoch)| *epoch = -1);
        request
    };
    let expected = "1 leads in 5, in sync [1, 2, 3] of [1, 2, 3], eligible [], change 21";
    judge_wish("2 is in sync already: -1 will do", expected, &led_by_1(), &unknown(2, &[1, 2, 3]), MEMBERS);
    let rule = "3 is not in sync yet: which one of its lives has caught up?";
    judge_wish(rule, "INELIGIBLE_REPLICA", &led_by_1(), &unknown(3, &[1, 2, 3]), MEMBERS);
}

#[test]
fn who_leaves_while_nothing_can_be_committed_lacks_nothing() {
    let settle = "src/controller/partition.rs, fn settle";
    let expected = "1 leads in 5, in sync [1] of [1, 2, 3], eligible [2], change 21";
    let rule = "one is left in sync and two are needed: nothing is committed from here on, so 2 has all that is";
    judge_wish(rule, expected, &led_by_1(), &wish(&[1]), settle);
    let all = partition(&[1, 2, 3], &[1, 2, 3], Some(1));
    let expected = "1 leads in 5, in sync [1, 2] of [1, 2, 3], eligible [], change 21";
    judge_wish("two are left in sync: they commit, and 3 will lack it", expected, &all, &wish(&[1, 2]), settle);
    let expected = "1 leads in 5, in sync [1] of [1, 2, 3], eligible [2, 3], change 21";
    judge_wish("two leave at once", expected, &all, &wish(&[1]), settle);
    let low = PartitionRecord { eligible: vec![2], ..partition(&[1, 2, 3], &[1], Some(1)) };
    let expected = "1 leads in 5, in sync [1, 3] of [1, 2, 3], eligible [], change 21";
    judge_wish("3 joins, and two are enough: what they commit 2 will lack", expected, &low, &wish(&[1, 3]), settle);
    let expected = "1 leads in 5, in sync [1, 2] of [1, 2, 3], eligible [], change 21";
    judge_wish("2 joins again", expected, &low, &wish(&[1, 2]), settle);
    let expected = "1 leads in 5, in sync [1] of [1, 2, 3], eligible [], change 21";
    judge_with("without a second row nobody is in it", expected, &led_by_1(), &wish(&[1]), ONE_ROW, settle);
}

#[test]
fn a_move_is_done_when_all_of_the_target_are_in_sync() {
    let complete = "src/controller/reassignment.rs, fn complete";
    let moving = PartitionRecord { adding: vec![3], removing: vec![2], ..partition(&[1, 3, 2], &[1, 2], Some(1)) };
    let expected = "1 leads in 6, in sync [1, 3] of [1, 3], eligible [], change 21";
    let rule = "3 was the last that was missing: 2 goes. What 2 said in epoch 5 must not count any more";
    judge_wish(rule, expected, &moving, &wish(&[1, 2, 3]), complete);
    let moving =
        PartitionRecord { adding: vec![3, 4], removing: vec![2], ..partition(&[1, 3, 4, 2], &[1, 2], Some(1)) };
    let expected = "1 leads in 5, in sync [1, 2, 3] of [1, 3, 4, 2], eligible [], change 21";
    judge_wish("3 is in sync, and 4 is not: nobody goes", expected, &moving, &wish(&[1, 2, 3]), complete);
    let moving = PartitionRecord { adding: vec![2, 3], removing: vec![1], ..partition(&[2, 3, 1], &[1, 2], Some(1)) };
    let expected = "2 leads in 6, in sync [2, 3] of [2, 3], eligible [], change 21";
    judge_wish("the leader itself goes: the first of the target leads", expected, &moving, &wish(&[1, 2, 3]), complete);
}
