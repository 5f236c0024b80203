//! Lives that chance makes up: transactions begin, write, end; records of none come between; the high watermark moves; the log rolls, is
//! cut above the high watermark, crashes. Beside it stands a plain list of what happened. After each act the last stable offset and
//! what a reader of committed records is given are told anew from the list, and must be the same.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use segment_log::Offset;
use segment_log::control::Outcome;

use crate::support::{Kept, NOW};

#[derive(Debug, Clone)]
enum Act {
    Write { producer: i64 },
    Alone,
    End { producer: i64, commit: bool },
    Again { producer: i64 },
    Commit { by: Offset },
    Cut { back: Offset },
    Crash,
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let producer = 1..4i64;
    prop_oneof![
        10 => producer.clone().prop_map(|producer| Act::Write { producer }),
        3 => Just(Act::Alone),
        6 => (producer.clone(), any::<bool>()).prop_map(|(producer, commit)| Act::End { producer, commit }),
        2 => producer.prop_map(|producer| Act::Again { producer }),
        6 => (1..4i64).prop_map(|by| Act::Commit { by }),
        1 => (1..4i64).prop_map(|back| Act::Cut { back }),
        1 => Just(Act::Crash),
        1 => Just(Act::Restart),
    ]
}

/// What is at an offset.
#[derive(Debug, Clone, Copy, PartialEq)]
enum There {
    Of(i64),
    Alone,
    Marker(i64, Outcome),
}

#[derive(Default)]
struct Told {
    log: Vec<There>,
}

impl Told {
    /// Where the transaction that a record is of ends, and how; `None` if it is open.
    fn end_of(&self, producer: i64, from: usize) -> Option<(usize, Outcome)> {
        self.log.iter().enumerate().skip(from).find_map(|(offset, there)| match there {
            There::Marker(of, outcome) if *of == producer => Some((offset, *outcome)),
            _ => None,
        })
    }

    fn last_stable(&self, high_watermark: Offset) -> Offset {
        let is_unstable = |(offset, there): (usize, &There)| match there {
            There::Of(producer) => {
                self.end_of(*producer, offset).is_none_or(|(marker, _)| marker as Offset >= high_watermark)
            }
            _ => false,
        };
        let first = self.log.iter().enumerate().position(is_unstable);
        first.map_or(high_watermark, |first| (first as Offset).min(high_watermark))
    }

    fn visible(&self, last_stable: Offset) -> Vec<Offset> {
        let shown = |(offset, there): (usize, &There)| {
            let is_shown = match there {
                There::Of(producer) => {
                    self.end_of(*producer, offset).is_some_and(|(_, outcome)| outcome == Outcome::Commit)
                }
                There::Alone => true,
                There::Marker(..) => false,
            };
            is_shown.then_some(offset as Offset)
        };
        self.log.iter().take(last_stable as usize).enumerate().filter_map(shown).collect()
    }

    fn is_open(&self, producer: i64) -> bool {
        let last = self
            .log
            .iter()
            .rev()
            .find(|there| matches!(there, There::Of(of) | There::Marker(of, _) if *of == producer));
        matches!(last, Some(There::Of(_)))
    }

    /// Epoch and next number: each marker raises the one, and begins the other anew.
    fn identity(&self, producer: i64) -> (i16, i32) {
        self.log.iter().fold((0, 0), |(epoch, next), there| match there {
            There::Of(of) if *of == producer => (epoch, next + 1),
            There::Marker(of, _) if *of == producer => (epoch + 1, 0),
            _ => (epoch, next),
        })
    }
}

fn lives(acts: &[Act], seen: &mut BTreeMap<&'static str, usize>) {
    let (mut kept, mut told) = (Kept::new(), Told::default());
    let mut alone = 0;
    let mut count = |what| *seen.entry(what).or_default() += 1;
    for act in acts {
        match *act {
            Act::Write { producer } => {
                let (epoch, next) = told.identity(producer);
                kept.data(producer, epoch, next, true).unwrap();
                told.log.push(There::Of(producer));
            }
            Act::Alone => {
                alone += 1;
                kept.data(100 + alone, 0, 0, false).unwrap();
                told.log.push(There::Alone);
            }
            Act::End { producer, commit } if told.is_open(producer) => {
                let (epoch, _) = told.identity(producer);
                let outcome = if commit { Outcome::Commit } else { Outcome::Abort };
                kept.marker(producer, epoch + 1, outcome, 0).unwrap();
                told.log.push(There::Marker(producer, outcome));
                count(if commit { "committed" } else { "aborted" });
            }
            Act::End { .. } => {}
            Act::Again { producer } => {
                let last = told.log.iter().rev().find_map(|there| match there {
                    There::Marker(of, outcome) if *of == producer => Some(*outcome),
                    _ => None,
                });
                if let Some(outcome) = last.filter(|_| !told.is_open(producer)) {
                    let (epoch, _) = told.identity(producer);
                    kept.marker(producer, epoch, outcome, 0).unwrap();
                    count("marker again");
                }
            }
            Act::Commit { by } => {
                let most = told.log.len() as Offset;
                kept.commit((kept.high_watermark + by).min(most));
            }
            Act::Cut { back } => {
                let point = (told.log.len() as Offset - back).max(kept.high_watermark);
                let end = kept.log().truncate(point, NOW).unwrap();
                told.log.truncate(end as usize);
                kept.commit(kept.high_watermark);
                count("cut");
            }
            Act::Crash => {
                kept.crash();
                count("crashed");
            }
            Act::Restart => kept.restart(),
        }
        assert_eq!(kept.log().end(), told.log.len() as Offset);
        let last_stable = told.last_stable(kept.high_watermark);
        assert_eq!(
            kept.last_stable(),
            last_stable,
            "after {act:?}: {:?}, committed to {}",
            told.log,
            kept.high_watermark
        );
        let visible = told.visible(last_stable);
        for (from, max_bytes) in [(0, 1), (0, 100_000), (last_stable / 2, 300)] {
            let expected: Vec<_> = visible.iter().copied().filter(|offset| *offset >= from).collect();
            assert_eq!(kept.read_committed(from, max_bytes), expected, "from {from} after {act:?}: {:?}", told.log);
        }
        if last_stable < kept.high_watermark {
            count("held back");
        }
    }
}

#[test]
fn readers_see_committed_records_and_all_of_them() {
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]));
    let seen = RefCell::new(BTreeMap::new());
    let run = runner.run(&prop::collection::vec(act(), 1..50), |acts| {
        lives(&acts, &mut seen.borrow_mut());
        Ok(())
    });
    run.unwrap();
    let seen = seen.into_inner();
    for what in ["committed", "aborted", "marker again", "cut", "crashed", "held back"] {
        assert!(seen.get(what).is_some_and(|count| *count > 10), "{what} in {seen:?}");
    }
}
