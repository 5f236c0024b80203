//! What can happen, by chance.

use proptest::collection::vec;
use proptest::prelude::*;

/// What becomes of a message and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Both arrive.
    Arrives,
    /// It never arrives.
    Lost,
    /// It arrives, and its answer does not.
    AnswerLost,
    /// Whoever asks gives up; it, or its answer, arrives later.
    Late,
}

/// One thing that happens. Brokers are 1, 2 and 3; 0 is whoever leads, as the controller has decided.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A client writes to a broker, whether it leads or only believes so.
    Append { broker: i32, records: usize },
    /// A follower asks its leader.
    Fetch { broker: i32, fate: Fate },
    /// A leader asks the controller for what it wants, if it wants something.
    Wish { broker: i32, fate: Fate },
    /// What was late arrives.
    ArriveLate,
    /// A broker learns some more of what the controller has decided.
    Learn { broker: i32, decisions: usize },
    /// The controller does not hear of a broker any more. The broker goes on.
    Fence { broker: i32 },
    /// The controller hears of it again.
    Unfence { broker: i32 },
    /// An operator has one lead that is in sync.
    Elect { broker: i32 },
    /// A broker stops, in order or not, and starts again, knowing so many hundredths of its high watermark. If it lost power, the
    /// last batches that it had not flushed are gone.
    Restart { broker: i32, in_order: bool, lost_batches: usize, known: i64 },
    /// Time passes, in milliseconds, and all leaders look around.
    Wait(u64),
    /// Old segments go.
    Housekeep { broker: i32 },
}

pub(crate) fn life() -> impl Strategy<Value = Vec<Act>> {
    vec(act(), 60..140)
}

fn act() -> impl Strategy<Value = Act> {
    let broker = || 1..4i32;
    let often_the_leader = || prop_oneof![2 => Just(0), 1 => 1..4i32];
    prop_oneof![
        16 => (often_the_leader(), 1..4usize).prop_map(|(broker, records)| Act::Append { broker, records }),
        40 => (broker(), fate()).prop_map(|(broker, fate)| Act::Fetch { broker, fate }),
        10 => (often_the_leader(), fate()).prop_map(|(broker, fate)| Act::Wish { broker, fate }),
        4 => Just(Act::ArriveLate),
        24 => (broker(), 1..6usize).prop_map(|(broker, decisions)| Act::Learn { broker, decisions }),
        2 => broker().prop_map(|broker| Act::Fence { broker }),
        6 => broker().prop_map(|broker| Act::Unfence { broker }),
        4 => broker().prop_map(|broker| Act::Elect { broker }),
        2 => (broker(), any::<bool>(), 0..4usize, 0..100i64).prop_map(|(broker, in_order, lost_batches, known)| {
            Act::Restart { broker, in_order, lost_batches, known }
        }),
        4 => (0..25_000u64).prop_map(Act::Wait),
        2 => broker().prop_map(|broker| Act::Housekeep { broker }),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![7 => Just(Fate::Arrives), 1 => Just(Fate::Lost), 2 => Just(Fate::AnswerLost), 2 => Just(Fate::Late)]
}
