//! Lives that chance makes up: a producer sends, sends again, skips and bumps its epoch; the log rolls, is cut, loses its front, crashes.
//! Beside it stands a list of all batches that the log should hold, from which the state is told anew after each act.

use std::collections::BTreeMap;

use idempotence::producers::REMEMBERED;
use idempotence::sequence::plus;
use partitioning::ErrorCode;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use segment_log::Offset;

use crate::support::{Kept, NOW, batch};

#[derive(Debug, Clone)]
enum Act {
    /// A batch whose number lies so far from the next one.
    Send {
        producer: i64,
        epoch: i16,
        off: i32,
        count: usize,
    },
    /// The batch that was written so long ago, again.
    Again {
        back: usize,
    },
    Cut {
        back: Offset,
    },
    Delete {
        back: Offset,
    },
    Crash,
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let send = (0..3i64, 0..3i16, prop_oneof![6 => Just(0), 1 => -3..4i32], 1..4usize);
    prop_oneof![
        12 => send.prop_map(|(producer, epoch, off, count)| Act::Send { producer, epoch, off, count }),
        6 => (0..9usize).prop_map(|back| Act::Again { back }),
        2 => (0..9i64).prop_map(|back| Act::Cut { back }),
        1 => (0..9i64).prop_map(|back| Act::Delete { back }),
        1 => Just(Act::Crash),
        1 => Just(Act::Restart),
    ]
}

/// A batch that the log holds, or held before retention took it.
#[derive(Debug, Clone, Copy)]
struct Held {
    offset: Offset,
    producer: i64,
    epoch: i16,
    first: i32,
    count: usize,
}

/// What the batches say of a producer, told plainly: those of its last epoch, the last five.
fn told(held: &[Held], producer: i64) -> Option<(i16, Vec<Held>)> {
    let own: Vec<_> = held.iter().filter(|one| one.producer == producer).collect();
    let epoch = own.last()?.epoch;
    let of_epoch = own.iter().rev().take_while(|one| one.epoch == epoch).take(REMEMBERED);
    let mut seen: Vec<_> = of_epoch.map(|one| **one).collect();
    seen.reverse();
    Some((epoch, seen))
}

fn next(held: &[Held], producer: i64, epoch: i16) -> i32 {
    match told(held, producer) {
        Some((known, seen)) if known == epoch => seen.last().map_or(0, |last| plus(last.first, last.count as i32)),
        _ => 0,
    }
}

/// What should become of a batch: its place, or a code. `None` is the end of the log.
fn expected(held: &[Held], sent: &Held) -> Result<Option<Offset>, ErrorCode> {
    let Some((epoch, seen)) = told(held, sent.producer) else { return Ok(None) };
    if sent.epoch < epoch {
        return Err(ErrorCode::InvalidProducerEpoch);
    }
    let again = seen.iter().find(|one| (one.epoch, one.first, one.count) == (sent.epoch, sent.first, sent.count));
    match again {
        Some(one) => Ok(Some(one.offset)),
        None if sent.first == next(held, sent.producer, sent.epoch) => Ok(None),
        None => Err(ErrorCode::OutOfOrderSequenceNumber),
    }
}

fn lives(acts: &[Act], seen: &mut BTreeMap<&'static str, usize>) {
    let mut kept = Kept::small();
    let mut held: Vec<Held> = Vec::new();
    let mut count = |what| *seen.entry(what).or_default() += 1;
    for act in acts {
        let end = kept.log().end();
        let sent = match *act {
            Act::Send { producer, epoch, off, count } => {
                let first = plus(next(&held, producer, epoch), off).max(0);
                Some(Held { offset: end, producer, epoch, first, count })
            }
            Act::Again { back } => held.iter().rev().nth(back).copied(),
            Act::Cut { back } => {
                // Not into what retention took: there is nothing to cut.
                let point = (end - back).max(kept.log().log_start());
                let end = kept.log().truncate(point, NOW).unwrap();
                held.retain(|one| one.offset < end);
                count("cut");
                None
            }
            Act::Delete { back } => {
                let point = (end - back).max(0);
                kept.log().delete_before(point, NOW).unwrap();
                count("deleted");
                None
            }
            Act::Crash => {
                kept.crash();
                None
            }
            Act::Restart => {
                kept.restart();
                None
            }
        };
        if let Some(sent) = sent {
            let found = kept.append(batch(sent.producer, sent.epoch, sent.first, sent.count));
            let found = found.map(|appended| appended.base_offset).map_err(|refusal| refusal.code);
            match expected(&held, &sent) {
                Ok(None) => {
                    assert_eq!(found, Ok(end), "{sent:?} after {held:?}");
                    held.push(Held { offset: end, ..sent });
                    count("written");
                }
                Ok(Some(place)) => {
                    assert_eq!((found, kept.log().end()), (Ok(place), end), "{sent:?} after {held:?}");
                    count("duplicate");
                }
                Err(code) => {
                    assert_eq!((found, kept.log().end()), (Err(code), end), "{sent:?} after {held:?}");
                    count(code.name());
                }
            }
        }
        let all = (0..3).filter_map(|producer| {
            let (epoch, seen) = told(&held, producer)?;
            let one = |one: &Held| format!("{}-{}@{}", one.first, plus(one.first, one.count as i32 - 1), one.offset);
            Some(format!("p{producer} e{epoch}: {}", seen.iter().map(one).collect::<Vec<_>>().join(" ")))
        });
        assert_eq!(kept.known(), all.collect::<Vec<_>>().join("; "), "after {act:?}");
    }
}

#[test]
fn the_state_is_what_the_batches_say() {
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]));
    let seen = std::cell::RefCell::new(BTreeMap::new());
    let run = runner.run(&prop::collection::vec(act(), 1..40), |acts| {
        lives(&acts, &mut seen.borrow_mut());
        Ok(())
    });
    run.unwrap();
    let seen = seen.into_inner();
    for what in ["written", "duplicate", "OUT_OF_ORDER_SEQUENCE_NUMBER", "INVALID_PRODUCER_EPOCH", "cut", "deleted"] {
        assert!(seen.get(what).is_some_and(|count| *count > 20), "{what} in {seen:?}");
    }
}
