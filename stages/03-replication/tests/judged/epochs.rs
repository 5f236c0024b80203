//! Which leader wrote which part of a log.

use replication::epochs::{EpochEnd, EpochEntry, LeaderEpochs};
use segment_log::{Appended, BatchBuilder, Compression, Fold, Offset, Record};
use story::judge;

use crate::support::epochs as with;

const NOTE: &str = "src/epochs.rs, fn LeaderEpochs::note";
const BEFORE: &str = "src/epochs.rs, fn LeaderEpochs::before";
const END_OF: &str = "src/epochs.rs, fn LeaderEpochs::end_of";
const TAKE_IN: &str = "src/epochs.rs, fn LeaderEpochs::take_in";
const TRUNCATE: &str = "src/epochs.rs, fn LeaderEpochs::truncate";
const APPLY: &str = "src/epochs.rs, fn <LeaderEpochs as Fold>::apply";
const START_MOVED: &str = "src/epochs.rs, fn <LeaderEpochs as Fold>::start_moved";
const RESTORE: &str = "src/epochs.rs, fn <LeaderEpochs as Fold>::restore";

/// Epoch 1 from 0 on, epoch 2 from 3 on, epoch 4 from 5 on.
fn three() -> LeaderEpochs {
    with(&[(1, 0), (2, 3), (4, 5)])
}

/// `1 from 0, 2 from 3`.
fn told(epochs: &LeaderEpochs) -> String {
    let entry = |entry: &EpochEntry| format!("{} from {}", entry.epoch, entry.start);
    let entries: Vec<_> = epochs.entries().iter().map(entry).collect();
    if entries.is_empty() { "no epochs".to_owned() } else { entries.join(", ") }
}

#[track_caller]
fn judge_list(rule: &str, expected: &str, found: &LeaderEpochs, look_at: &str) {
    judge::text(rule, expected, &told(found), look_at);
}

/// The list after `change`.
fn after(mut epochs: LeaderEpochs, change: impl FnOnce(&mut LeaderEpochs)) -> LeaderEpochs {
    change(&mut epochs);
    epochs
}

#[test]
fn a_later_epoch_is_noted_behind_the_others() {
    let found = after(with(&[]), |epochs| epochs.note(3, 0));
    judge_list("epoch 3 begins an empty log", "3 from 0", &found, NOTE);
    let found = after(three(), |epochs| epochs.note(7, 8));
    judge_list("epoch 7 begins at 8, behind all that is known", "1 from 0, 2 from 3, 4 from 5, 7 from 8", &found, NOTE);
}

#[test]
fn an_epoch_in_which_nobody_wrote_leaves_no_entry() {
    let found = after(three(), |epochs| epochs.note(5, 5));
    judge_list(
        "epoch 4 began at 5, and so does epoch 5: nothing is of epoch 4",
        "1 from 0, 2 from 3, 5 from 5",
        &found,
        NOTE,
    );
    let found = after(with(&[(4, 0)]), |epochs| epochs.note(5, 0));
    judge_list("the same at the log's beginning", "5 from 0", &found, NOTE);
}

#[test]
fn an_entry_that_the_new_one_contradicts_goes() {
    let found = after(three(), |epochs| epochs.note(5, 4));
    let rule = "epoch 5 begins at 4: so epoch 4 cannot begin at 5";
    judge_list(rule, "1 from 0, 2 from 3, 5 from 4", &found, NOTE);
    let found = after(three(), |epochs| epochs.note(3, 8));
    let rule = "epoch 3 begins at 8: so the later epoch 4 cannot begin before";
    judge_list(rule, "1 from 0, 2 from 3, 3 from 8", &found, NOTE);
    let found = after(three(), |epochs| epochs.note(3, 2));
    judge_list("epoch 3 begins at 2: neither 2 nor 4 is borne out", "1 from 0, 3 from 2", &found, NOTE);
}

#[test]
fn an_epoch_begins_once() {
    let found = after(three(), |epochs| epochs.note(4, 9));
    let rule = "epoch 4 began at 5: noted again at 9, it goes on";
    judge_list(rule, "1 from 0, 2 from 3, 4 from 5", &found, NOTE);
    let found = after(three(), |epochs| epochs.note(4, 5));
    judge_list("noted twice at the same place", "1 from 0, 2 from 3, 4 from 5", &found, NOTE);
    let found = after(three(), |epochs| epochs.note(2, 6));
    let rule = "epoch 2 goes on at 6, from 3 on: so epoch 4 has not begun at 5";
    judge_list(rule, "1 from 0, 2 from 3", &found, NOTE);
    let found = after(three(), |epochs| epochs.note(4, 4));
    judge_list("epoch 4 begins at 4 already", "1 from 0, 2 from 3, 4 from 4", &found, NOTE);
}

#[track_caller]
fn judge_before(rule: &str, expected: Option<i32>, epochs: &LeaderEpochs, offset: Offset) {
    judge::eq(&format!("{}: {rule}", told(epochs)), expected, epochs.before(offset), BEFORE);
}

#[test]
fn the_epoch_of_the_record_before_an_offset() {
    let epochs = three();
    for (offset, expected) in [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 4), (100, 4)] {
        judge_before(&format!("the record before {offset}"), Some(expected), &epochs, offset);
    }
    judge_before("there is no record before 0", None, &epochs, 0);
    judge_before("there is no record at all", None, &with(&[]), 7);
}

#[test]
fn an_epoch_that_was_only_noted_has_no_record() {
    let rule = "the log ends at 5, where epoch 4 was noted: its last record is of epoch 2";
    judge_before(rule, Some(2), &three(), 5);
    judge_before("the log is empty, and ends at 8", None, &with(&[(3, 8)]), 8);
}

#[track_caller]
fn judge_end(rule: &str, expected: Option<(i32, Offset)>, epochs: &LeaderEpochs, asked: i32, log_end: Offset) {
    let told_end = |end: Option<EpochEnd>| {
        end.map_or("nothing can be said".to_owned(), |EpochEnd { epoch, end }| format!("epoch {epoch} ends at {end}"))
    };
    let expected = expected.map(|(epoch, end)| EpochEnd { epoch, end });
    let rule = format!("{}, log end {log_end}: where does {asked} end? {rule}", told(epochs));
    judge::text(&rule, &told_end(expected), &told_end(epochs.end_of(asked, log_end)), END_OF);
}

#[test]
fn an_epoch_ends_where_the_next_begins() {
    judge_end("Where 2 begins.", Some((1, 3)), &three(), 1, 8);
    judge_end("Where 4 begins.", Some((2, 5)), &three(), 2, 8);
}

#[test]
fn the_latest_epoch_ends_where_the_log_does() {
    judge_end("It goes on to the log's end.", Some((4, 8)), &three(), 4, 8);
    judge_end("It was noted, and nobody has written yet.", Some((4, 5)), &three(), 4, 5);
}

#[test]
fn of_an_epoch_that_left_no_record_the_one_before_is_told() {
    let rule = "Nothing is of epoch 3. The latest before it is 2.";
    judge_end(rule, Some((2, 5)), &three(), 3, 8);
    judge_end("The latest before 5 is 4.", Some((4, 9)), &with(&[(1, 0), (4, 5), (7, 9)]), 5, 20);
    judge_end("The latest before 6 is 4.", Some((4, 9)), &with(&[(1, 0), (4, 5), (7, 9)]), 6, 20);
}

#[test]
fn of_a_later_epoch_than_all_nothing_can_be_said() {
    judge_end("It is later than all that is known here.", None, &three(), 5, 8);
    judge_end("Nothing is known here.", None, &with(&[]), 0, 8);
}

#[test]
fn an_epoch_from_before_the_logs_start_ended_there() {
    let rule = "Its records were deleted: it ended at 6, as far as anybody can tell.";
    judge_end(rule, Some((2, 6)), &with(&[(4, 6), (5, 9)]), 2, 12);
}

#[test]
fn what_was_cut_off_is_forgotten() {
    let found = after(three(), |epochs| epochs.truncate(4));
    judge_list("cut at 4: epoch 4 would begin at 5", "1 from 0, 2 from 3", &found, TRUNCATE);
    let found = after(three(), |epochs| epochs.truncate(3));
    judge_list("cut at 3: nothing is left of epoch 2, which began there", "1 from 0", &found, TRUNCATE);
    let found = after(three(), |epochs| epochs.truncate(6));
    judge_list("cut at 6: all of them have a record", "1 from 0, 2 from 3, 4 from 5", &found, TRUNCATE);
    judge_list("cut at 0", "no epochs", &after(three(), |epochs| epochs.truncate(0)), TRUNCATE);
}

#[test]
fn what_was_noted_at_the_logs_end_is_taken_in() {
    let noted = with(&[(1, 0), (2, 3), (4, 5)]);
    let found = after(with(&[(1, 0), (2, 3)]), |epochs| epochs.take_in(noted.entries(), 5));
    let rule = "epoch 4 was noted at the log's end, 5, and no batch is of it";
    judge_list(rule, "1 from 0, 2 from 3, 4 from 5", &found, TAKE_IN);
    let found = after(with(&[]), |epochs| epochs.take_in(with(&[(3, 0)]).entries(), 0));
    judge_list("epoch 3 was noted in an empty log", "3 from 0", &found, TAKE_IN);
}

#[test]
fn what_the_batches_tell_otherwise_is_not_taken_in() {
    let take_in = |noted: &[(i32, Offset)], end| {
        after(with(&[(1, 0), (2, 3)]), |epochs| epochs.take_in(with(noted).entries(), end))
    };
    let known = "1 from 0, 2 from 3";
    let rule = "epoch 4 was noted at 5, and the log has records of epoch 2 up to 7: nobody wrote in epoch 4";
    judge_list(rule, known, &take_in(&[(1, 0), (2, 3), (4, 5)], 7), TAKE_IN);
    let rule = "epoch 4 was noted at 9, and the log ends at 7: a crash took what was between";
    judge_list(rule, known, &take_in(&[(1, 0), (4, 9)], 7), TAKE_IN);
    let rule = "epoch 1 was noted at the log's end, 7: but the batches are of epoch 2";
    judge_list(rule, known, &take_in(&[(1, 7)], 7), TAKE_IN);
    judge_list("nothing was noted", known, &take_in(&[], 7), TAKE_IN);
}

/// A batch of one record, in this epoch and at this offset.
fn apply(epochs: &mut LeaderEpochs, epoch: i32, offset: Offset) {
    let mut batch = BatchBuilder::new(Compression::None).place(offset, epoch);
    batch.push(&Record::new(0, "k", "v"));
    let batch = batch.build().expect("nothing is compressed");
    epochs.apply(&batch.view(), &Appended::of(&batch.view()));
}

#[test]
fn batches_tell_where_epochs_begin() {
    let mut epochs = with(&[]);
    let batches = [(1, 0, "1 from 0"), (1, 1, "1 from 0"), (1, 2, "1 from 0"), (3, 3, "1 from 0, 3 from 3")];
    for (epoch, offset, expected) in batches {
        apply(&mut epochs, epoch, offset);
        judge_list(&format!("a batch of epoch {epoch} at {offset}"), expected, &epochs, APPLY);
    }
    apply(&mut epochs, 4, 10);
    judge_list("a batch of epoch 4 at 10, behind a gap", "1 from 0, 3 from 3, 4 from 10", &epochs, APPLY);
}

#[test]
fn a_batch_bears_out_what_was_noted_or_takes_its_place() {
    let found = after(three(), |epochs| apply(epochs, 4, 5));
    judge_list("epoch 4 was noted at 5, and here is its first batch", "1 from 0, 2 from 3, 4 from 5", &found, APPLY);
    let found = after(three(), |epochs| apply(epochs, 6, 5));
    let rule = "epoch 4 was noted at 5, and the batch at 5 is of epoch 6: nobody wrote in epoch 4";
    judge_list(rule, "1 from 0, 2 from 3, 6 from 5", &found, APPLY);
    let found = after(three(), |epochs| apply(epochs, 2, 5));
    let rule = "epoch 4 was noted at 5, and the batch at 5 is of the earlier epoch 2: nobody wrote in epoch 4";
    judge_list(rule, "1 from 0, 2 from 3", &found, APPLY);
    let found = after(three(), |epochs| apply(epochs, 3, 5));
    let rule = "epoch 4 was noted at 5, and the batch at 5 is of the earlier epoch 3: it begins there";
    judge_list(rule, "1 from 0, 2 from 3, 3 from 5", &found, APPLY);
}

#[test]
fn a_batch_that_no_leader_wrote_tells_nothing() {
    let found = after(three(), |epochs| apply(epochs, -1, 7));
    judge_list("a batch of epoch -1 has none", "1 from 0, 2 from 3, 4 from 5", &found, APPLY);
    judge_list("the same in an empty log", "no epochs", &after(with(&[]), |epochs| apply(epochs, -1, 0)), APPLY);
}

#[track_caller]
fn judge_start(rule: &str, expected: &str, log_start: Offset) {
    let found = after(three(), |epochs| epochs.start_moved(log_start));
    judge_list(&format!("the log begins at {log_start}: {rule}"), expected, &found, START_MOVED);
}

#[test]
fn the_epoch_that_holds_the_new_start_goes_on_from_there() {
    judge_start("it is the middle of epoch 1", "1 from 2, 2 from 3, 4 from 5", 2);
    judge_start("nothing of epoch 1 is left", "2 from 3, 4 from 5", 3);
    judge_start("it is the middle of epoch 2", "2 from 4, 4 from 5", 4);
    judge_start("nothing of epoch 2 is left", "4 from 5", 5);
    judge_start("all others are gone, and what comes next is of epoch 4 still", "4 from 9", 9);
}

#[test]
fn a_start_before_all_epochs_moves_nothing() {
    let found = after(with(&[(2, 3), (4, 5)]), |epochs| epochs.start_moved(1));
    judge_list("the log begins at 1, before what is known", "2 from 3, 4 from 5", &found, START_MOVED);
    judge_list("nothing is known", "no epochs", &after(with(&[]), |epochs| epochs.start_moved(4)), START_MOVED);
}

#[test]
fn a_snapshot_holds_all_of_it() {
    for epochs in [three(), with(&[(9, 1 << 40)]), with(&[])] {
        let mut found = with(&[(3, 3)]);
        found.restore(Some(&epochs.snapshot())).expect("its own snapshot");
        judge_list("restored from its own snapshot, it is what it was", &told(&epochs), &found, RESTORE);
    }
    let found = after(three(), |epochs| epochs.restore(None).expect("a fold can always start from nothing"));
    judge_list("restored from nothing, it knows nothing", "no epochs", &found, RESTORE);
}

#[test]
fn what_is_no_snapshot_is_refused() {
    let mut torn = three().snapshot();
    torn.pop();
    for (what, bytes) in [("no bytes", &[][..]), ("another version", &[99, 0]), ("a snapshot without its end", &torn)] {
        let found = after(three(), |epochs| {
            let refused = epochs.restore(Some(bytes));
            judge::that(&format!("{what} are no snapshot"), refused.is_err(), refused.is_ok(), RESTORE);
        });
        judge_list(&format!("{what}: refused, it changes nothing"), &told(&three()), &found, RESTORE);
    }
}
