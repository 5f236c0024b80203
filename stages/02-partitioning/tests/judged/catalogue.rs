//! The catalogue as a fold: `judge` decides, `learn` follows. Judges exercise 2.4.
//!
//! No log is needed: a fold knows batches and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use partitioning::ErrorCode;
use partitioning::api::TopicId;
use partitioning::topics::catalogue::{Catalogue, CatalogueRules, TopicRecord, decision};
use segment_log::batch::HEADER_LEN;
use segment_log::{Appended, Batch, BatchBuilder, BatchView, Compression, Fold, LogConfig, Offset, Record, codec};
use story::judge;

const JUDGE: &str = "src/topics/catalogue.rs, fn Catalogue::judge";
const LEARN: &str = "src/topics/catalogue.rs, fn Catalogue::learn";

const NOW: i64 = 1_700_000_000_000;

fn rules() -> CatalogueRules {
    CatalogueRules { brokers: 3, max_partitions: 10, log: LogConfig::default() }
}

/// The record of a topic: its id, and how many partitions it has.
fn topic(id: u128, partitions: u32) -> TopicRecord {
    TopicRecord { id: TopicId(id), partitions, replication_factor: 1, configs: BTreeMap::new(), deleted: false }
}

fn deleted(record: TopicRecord) -> TopicRecord {
    TopicRecord { deleted: true, ..record }
}

/// A catalogue that has learned these decisions, one after the other.
fn after(decisions: &[(&str, Option<TopicRecord>)]) -> Catalogue {
    let mut catalogue = Catalogue::new(rules());
    for (offset, (name, record)) in (0..).zip(decisions) {
        learn(&mut catalogue, offset, decision(name, record.as_ref(), NOW));
    }
    catalogue
}

fn learn(catalogue: &mut Catalogue, offset: Offset, mut batch: Batch) {
    batch.set_place(offset, 0);
    let view = batch.view();
    catalogue.apply(&view, &Appended::of(&view));
}

/// What the catalogue knows, one topic a line; and its fault.
fn known(catalogue: &Catalogue) -> String {
    let line = |name: &str, record: &TopicRecord| {
        let deleted = if record.deleted { ", deleted" } else { "" };
        format!("{name}: id {}, partitions {}{deleted}\n", record.id.0, record.partitions)
    };
    let topics: String = catalogue.iter().map(|(name, record)| line(name, record)).collect();
    let fault = catalogue.fault().map_or(String::new(), |fault| format!("fault: {fault}\n"));
    format!("{topics}{fault}")
}

/// A catalogue in which `orders` has 3 partitions, and `gone` is deleted. It comes from a snapshot, so that `judge` can be
/// judged before `learn` is written.
fn shop() -> Catalogue {
    let topics = [("orders", topic(1, 3)), ("gone", deleted(topic(2, 1)))];
    let topics: BTreeMap<Arc<str>, TopicRecord> =
        topics.into_iter().map(|(name, topic)| (name.into(), topic)).collect();
    let no_fault: Option<String> = None;
    let mut catalogue = Catalogue::new(rules());
    catalogue.restore(Some(&codec::encode(1, &(topics, no_fault)))).expect("a snapshot, as the catalogue writes it");
    catalogue
}

#[track_caller]
fn judge_decision(rule: &str, expected: Option<ErrorCode>, name: &str, record: Option<TopicRecord>) {
    let told = |code: Option<ErrorCode>| code.map_or("allowed".to_owned(), |code| format!("{code:?}"));
    let found = shop().judge(name, record.as_ref()).err().map(|refusal| refusal.code);
    judge::text(rule, &told(expected), &told(found), JUDGE);
}

#[test]
fn a_name_that_is_free_gets_a_topic() {
    judge_decision("a topic of a name that is free", None, "payments", Some(topic(9, 2)));
    let rule = "a new topic is judged by `judge_new`: this one collides with nothing, but has no partitions";
    judge_decision(rule, Some(ErrorCode::InvalidPartitions), "payments", Some(topic(9, 0)));
    let rule = "a new topic is judged by `judge_new`: 8 partitions, and there is room for 7";
    judge_decision(rule, Some(ErrorCode::InvalidPartitions), "payments", Some(topic(9, 8)));
    judge_decision("a new topic's name is judged too", Some(ErrorCode::InvalidTopic), "a/b", Some(topic(9, 1)));
}

#[test]
fn of_a_name_that_is_free_nothing_can_be_deleted_or_freed() {
    let unknown = Some(ErrorCode::UnknownTopicOrPartition);
    judge_decision("`nobody` is no topic, so it cannot be deleted", unknown, "nobody", Some(deleted(topic(9, 1))));
    judge_decision("`nobody` is no topic, so its name is free already", unknown, "nobody", None);
}

#[test]
fn the_id_tells_a_topic_from_another_of_its_name() {
    let exists = Some(ErrorCode::TopicAlreadyExists);
    let rule = "`orders` has id 1, so a record with id 9 is a second topic of that name";
    judge_decision(rule, exists, "orders", Some(topic(9, 3)));
    judge_decision("and it is not `orders`, grown", exists, "orders", Some(topic(9, 4)));
    judge_decision("nor `orders`, deleted", exists, "orders", Some(deleted(topic(9, 3))));
}

#[test]
fn a_topic_grows_and_never_shrinks() {
    let invalid = Some(ErrorCode::InvalidPartitions);
    judge_decision("from 3 partitions to 4", None, "orders", Some(topic(1, 4)));
    judge_decision("from 3 partitions to 10, which is all there is room for", None, "orders", Some(topic(1, 10)));
    judge_decision("from 3 partitions to 11, and there is room for 10", invalid, "orders", Some(topic(1, 11)));
    judge_decision("from 3 partitions to 3 is no growth", invalid, "orders", Some(topic(1, 3)));
    judge_decision("from 3 partitions to 2", invalid, "orders", Some(topic(1, 2)));
}

#[test]
fn a_topic_is_deleted_and_then_its_name_is_freed() {
    judge_decision("`orders` is there, so it can be deleted", None, "orders", Some(deleted(topic(1, 3))));
    judge_decision("`gone` is deleted, so its name can be freed", None, "gone", None);
    let rule = "`orders` is not deleted, so its name cannot be freed: its folders are in use";
    judge_decision(rule, Some(ErrorCode::InvalidRequest), "orders", None);
}

#[test]
fn a_deleted_topic_keeps_its_name_and_nothing_else() {
    let exists = Some(ErrorCode::TopicAlreadyExists);
    let rule = "`gone` is deleted, and its folders may be there: no other topic gets its name";
    judge_decision(rule, exists, "gone", Some(topic(9, 1)));
    judge_decision("`gone` is deleted: it does not grow any more", exists, "gone", Some(topic(2, 5)));
    judge_decision("`gone` is deleted: it is not deleted twice", exists, "gone", Some(deleted(topic(2, 1))));
    judge_decision("`gone` is deleted: it does not come back", exists, "gone", Some(topic(2, 1)));
}

#[test]
fn judging_changes_nothing() {
    let catalogue = shop();
    let before = known(&catalogue);
    for record in [Some(topic(1, 4)), Some(deleted(topic(1, 3))), None, Some(topic(9, 1))] {
        // Whether it is allowed is other tests' question.
        let _ = catalogue.judge("orders", record.as_ref());
        let _ = catalogue.judge("payments", record.as_ref());
    }
    judge::text("judge decides nothing: the catalogue is what it was", &before, &known(&catalogue), JUDGE);
}

#[track_caller]
fn judge_known(rule: &str, expected: &str, catalogue: &Catalogue) {
    judge::text(rule, expected, &known(catalogue), LEARN);
}

#[test]
fn the_last_record_of_a_name_says_all() {
    let mut catalogue = Catalogue::new(rules());
    let life = [
        ("a new topic", Some(topic(1, 2)), "orders: id 1, partitions 2\n"),
        ("it has grown", Some(topic(1, 3)), "orders: id 1, partitions 3\n"),
        (
            "deleted: it is known, as its name is not free",
            Some(deleted(topic(1, 3))),
            "orders: id 1, partitions 3, deleted\n",
        ),
        ("a null: the name is free, and nothing is known of it", None, ""),
        ("another topic of the same name", Some(topic(2, 1)), "orders: id 2, partitions 1\n"),
    ];
    for (offset, (rule, record, expected)) in (0..).zip(life) {
        learn(&mut catalogue, offset, decision("orders", record.as_ref(), NOW));
        judge_known(rule, expected, &catalogue);
    }
}

#[test]
fn topics_do_not_touch_each_other() {
    let catalogue = after(&[
        ("orders", Some(topic(1, 2))),
        ("payments", Some(topic(2, 1))),
        ("orders", Some(topic(1, 3))),
        ("payments", Some(deleted(topic(2, 1)))),
        ("a", Some(topic(3, 1))),
        ("payments", None),
    ]);
    judge_known(
        "three names, and one is free again",
        "a: id 3, partitions 1\norders: id 1, partitions 3\n",
        &catalogue,
    );
}

#[test]
fn what_is_in_the_log_has_happened() {
    let mut catalogue = Catalogue::new(CatalogueRules { brokers: 1, max_partitions: 2, ..rules() });
    let large = TopicRecord { replication_factor: 3, ..topic(1, 5) };
    learn(&mut catalogue, 0, decision("orders", Some(&large), NOW));
    let rule = "max.broker.partitions is 2 now: a topic of 5 that was made before is learned all the same";
    judge_known(rule, "orders: id 1, partitions 5\n", &catalogue);
}

#[test]
fn a_history_without_its_beginning_is_learned() {
    let catalogue = after(&[("a", None), ("b", Some(deleted(topic(2, 4)))), ("c", Some(topic(3, 5)))]);
    let rule = "compaction keeps the last record of each name: a null, a deletion, a growth without what came before";
    judge_known(rule, "b: id 2, partitions 4, deleted\nc: id 3, partitions 5\n", &catalogue);
}

/// A batch of these keys and values.
fn batch(records: &[(&str, Option<Vec<u8>>)]) -> Batch {
    let mut batch = BatchBuilder::new(Compression::None);
    for (key, value) in records.iter().cloned() {
        let key = Some(key.to_owned().into());
        batch.push(&Record { timestamp: NOW, key, value: value.map(Into::into), headers: Vec::new() });
    }
    batch.build().expect("nothing is compressed")
}

#[test]
fn a_batch_may_hold_several_records() {
    let mut catalogue = Catalogue::new(rules());
    let encoded = |record: TopicRecord| Some(record.encode());
    learn(&mut catalogue, 0, batch(&[("a", encoded(topic(1, 1))), ("b", encoded(topic(2, 2))), ("a", None)]));
    let rule = "three records in one batch: `a`, `b`, and `a` is free again";
    judge_known(rule, "b: id 2, partitions 2\n", &catalogue);
}

#[test]
fn a_record_that_cannot_be_read_is_an_error_and_not_skipped() {
    let mut catalogue = after(&[("before", Some(topic(7, 1)))]);
    learn(&mut catalogue, 1, batch(&[("orders", Some(vec![1, 2, 3]))]));
    learn(&mut catalogue, 2, decision("after", Some(&topic(8, 1)), NOW));
    let rule = "a value that is no topic: the error of `record::read` is kept, and nothing after it is learned";
    let fault = "fault: the record at offset 1: the topic `orders`: ";
    let found = known(&catalogue);
    let shown = found.find(fault).map_or(found.clone(), |at| found[..at + fault.len()].to_owned() + "…\n");
    judge::text(rule, &format!("before: id 7, partitions 1\n{fault}…\n"), &shown, LEARN);
}

#[test]
fn a_batch_that_cannot_be_opened_is_an_error() {
    let mut catalogue = after(&[("before", Some(topic(7, 1)))]);
    let mut second = batch(&[("orders", Some(topic(1, 1).encode()))]);
    second.set_place(1, 0);
    let mut bytes = second.into_bytes();
    // The first record's length: it passes the batch's end.
    bytes[HEADER_LEN] = 0x7e;
    let view = BatchView::parse(&bytes).expect("its header is whole");
    catalogue.apply(&view, &Appended::of(&view));
    let rule = "a record that passes the end of its batch: an error, and no topic";
    let has_fault = catalogue.fault().is_some() && catalogue.get("orders").is_none();
    judge::that(rule, has_fault, format_args!("{}", known(&catalogue)), LEARN);
}

/// Every decision that is allowed, of a few hundred that were drawn by lot.
fn history(seed: u64) -> Vec<(String, Option<TopicRecord>)> {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut catalogue, mut history) = (Catalogue::new(rules()), Vec::new());
    for id in 0..300 {
        let name = ["a", "b", "c", "d"][random.usize(0..4)];
        let old = catalogue.get(name).cloned();
        let record = match (random.u8(0..4), old) {
            (0, _) | (_, None) => Some(topic(id, random.u32(1..4))),
            (1, Some(old)) => Some(TopicRecord { partitions: random.u32(1..5), ..old }),
            (2, Some(old)) => Some(deleted(old)),
            (_, Some(_)) => None,
        };
        if catalogue.judge(name, record.as_ref()).is_ok() {
            learn(&mut catalogue, history.len() as Offset, decision(name, record.as_ref(), NOW));
            history.push((name.to_owned(), record));
        }
    }
    history
}

#[test]
fn a_replay_gives_the_same_topics() {
    for seed in 0..5 {
        let history = history(seed);
        let decisions: Vec<_> = history.iter().map(|(name, record)| (name.as_str(), record.clone())).collect();
        let all = after(&decisions);
        judge::that("some decisions are allowed", decisions.len() > 20, decisions.len(), JUDGE);
        for cut in [0, 1, decisions.len() / 2, decisions.len()] {
            let mut restored = Catalogue::new(rules());
            restored.restore(Some(&after(&decisions[..cut]).snapshot())).expect("a snapshot of its own");
            for (offset, (name, record)) in (0..).zip(&decisions).skip(cut) {
                learn(&mut restored, offset, decision(name, record.as_ref(), NOW));
            }
            let rule = format!("a snapshot after {cut} of {} decisions, and the others replayed", decisions.len());
            judge_known(&rule, &known(&all), &restored);
        }
    }
}
