//! Where producer ids come from. Judges exercise 5.5.

use std::time::Duration;

use idempotence::api::{AllocateProducerIdsRequest, AllocateProducerIdsResponse};
use idempotence::ids::{NextProducerId, allocate};
use replication::controller::{Controller, ControllerConfig, Ruling};
use replication::machine::{Machine, Moment};
use replication::records::{BrokerRecord, MetadataRecord, Note};
use story::judge;

const LOOK: &str = "src/ids.rs, fn allocate";

/// A controller with brokers 1 and 2, which have registered in epochs 11 and 12.
fn controller() -> Controller {
    let mut controller = Controller::new(ControllerConfig::default(), fastrand::Rng::with_seed(1));
    for id in [1, 2] {
        let record = BrokerRecord {
            epoch: 10 + i64::from(id),
            incarnation: 0,
            address: format!("broker-{id}:9092"),
            fenced: false,
            stopping: false,
        };
        controller.replay(&MetadataRecord::Broker(id, Some(record)));
    }
    controller
}

fn ask(controller: &mut Controller, broker: i32, broker_epoch: i64) -> Ruling<AllocateProducerIdsResponse> {
    let now = Moment { wall: 1_700_000_000_000, uptime: Duration::ZERO };
    allocate(controller, AllocateProducerIdsRequest { broker, broker_epoch }, now)
}

/// What is told, and what is written down before that.
fn said(ruling: Ruling<AllocateProducerIdsResponse>) -> String {
    match ruling {
        Err(refusal) => refusal.code.name().to_owned(),
        Ok(decided) => {
            let AllocateProducerIdsResponse { first, count } = decided.reply;
            let ids = format!("ids {first}…{}", i128::from(first) + i128::from(count) - 1);
            let written: Vec<_> = decided.records.iter().map(written).collect();
            if written.is_empty() { format!("{ids}, no note") } else { format!("{ids}, {}", written.join(", ")) }
        }
    }
}

fn written(record: &MetadataRecord) -> String {
    match record {
        MetadataRecord::Note(name, Some(bytes)) if **name == *NextProducerId::NAME => {
            NextProducerId::from_bytes(bytes).map_or_else(|error| error, |NextProducerId(next)| format!("note {next}"))
        }
        other => format!("{other:?}"),
    }
}

/// Asks, and learns what was decided.
fn decides(controller: &mut Controller, broker: i32) -> String {
    let ruling = ask(controller, broker, 10 + i64::from(broker));
    if let Ok(decided) = &ruling {
        for record in &decided.records {
            controller.replay(record);
        }
    }
    said(ruling)
}

#[test]
fn the_first_block_begins_at_0() {
    let expected = "ids 0…999, note 1000";
    judge::text("nobody has an id yet", expected, &decides(&mut controller(), 1), LOOK);
}

#[test]
fn the_next_block_begins_behind_it() {
    let mut controller = controller();
    decides(&mut controller, 1);
    let expected = "ids 1000…1999, note 2000";
    judge::text("broker 1 has 0…999", expected, &decides(&mut controller, 2), LOOK);
    let expected = "ids 2000…2999, note 3000";
    judge::text("a broker that has had a block gets another one", expected, &decides(&mut controller, 1), LOOK);
}

#[test]
fn nothing_is_changed_but_by_the_log() {
    let mut controller = controller();
    let before = format!("{:?}", controller.state());
    let first = said(ask(&mut controller, 1, 11));
    let rule = "what is decided is returned. The controller learns it when it is in its log";
    judge::that(rule, format!("{:?}", controller.state()) == before, "the state has changed", LOOK);
    let again = said(ask(&mut controller, 1, 11));
    judge::text("the first decision was never written, so nobody has these ids", &first, &again, LOOK);
}

#[test]
fn a_controller_that_starts_again_goes_on_behind_what_is_written() {
    let mut controller = controller();
    controller.replay(&NextProducerId(7_000).decided());
    let expected = "ids 7000…7999, note 8000";
    judge::text("the log says that the next id is 7000", expected, &decides(&mut controller, 1), LOOK);
}

#[test]
fn who_is_no_member_gets_nothing() {
    let mut controller = controller();
    judge::text("broker 3 has not registered", "BROKER_ID_NOT_REGISTERED", &said(ask(&mut controller, 3, 13)), LOOK);
    let rule = "broker 1 is in epoch 11. This is an earlier process of it";
    judge::text(rule, "STALE_BROKER_EPOCH", &said(ask(&mut controller, 1, 9)), LOOK);
}

#[test]
fn when_there_are_no_more_nobody_gets_any() {
    let mut controller = controller();
    controller.replay(&NextProducerId(i64::MAX - 1_000).decided());
    let expected = format!("ids {}…{}, note {}", i64::MAX - 1_000, i64::MAX - 1, i64::MAX);
    judge::text("a whole block is left", &expected, &decides(&mut controller, 1), LOOK);
    let rule = "no whole block is left: no id is given twice, and none is negative";
    judge::text(rule, "UNKNOWN_SERVER_ERROR", &decides(&mut controller, 1), LOOK);
}

#[test]
fn a_note_that_cannot_be_read_is_no_0() {
    let mut controller = controller();
    controller.replay(&MetadataRecord::Note(NextProducerId::NAME.into(), Some(vec![99, 1, 2].into())));
    let rule = "what was given cannot be read. Whoever began at 0 again would give it twice";
    judge::text(rule, "CORRUPT_MESSAGE", &decides(&mut controller, 1), LOOK);
}
