//! What can happen in a run, as chance makes it up.

use std::collections::BTreeSet;

use proptest::prelude::*;

pub(crate) const PARTITIONS: usize = 3;
pub(crate) const PRODUCERS: usize = 3;
pub(crate) const CONSUMERS: usize = 3;

/// What happens next. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Send {
        producer: usize,
        partition: usize,
        fate: Fate,
    },
    /// The oldest request of a producer comes to the broker.
    Land {
        producer: usize,
    },
    /// One of the answers that are on their way to a producer arrives.
    Answer {
        producer: usize,
        which: usize,
    },
    /// A record of which its producer has heard nothing is written after all.
    Surface,
    /// A poll begins, or the one that is under way ends.
    Poll {
        consumer: usize,
        most: usize,
    },
    Seek {
        consumer: usize,
        partition: usize,
        to: usize,
    },
    Assign {
        consumer: usize,
        partitions: BTreeSet<usize>,
    },
    Begin {
        producer: usize,
    },
    /// A producer polls, inside of its transaction if it has one.
    Work {
        producer: usize,
        most: usize,
    },
    /// A producer's transaction takes what was polled as its input.
    Take {
        producer: usize,
    },
    /// A producer gets a successor, and is a zombie from now on, until it ends something.
    Fence {
        producer: usize,
    },
    End {
        producer: usize,
        ending: Ending,
    },
}

/// What becomes of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Acked {
        with_offset: bool,
    },
    Failed,
    /// In doubt.
    Unknown {
        written: bool,
    },
    /// In doubt, and written only later.
    Late,
    /// The client never hears the end of it.
    Unended {
        written: bool,
    },
}

/// What becomes of a transaction, and what its producer asks for and hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Commit {
        done: bool,
        told: bool,
    },
    /// The commit is done or not, and the answer is that the producer is fenced: it has a successor by now.
    Fenced {
        done: bool,
    },
    Abort {
        told: bool,
    },
    /// Neither is asked for. The coordinator aborts it some time.
    TimeOut,
}

pub(crate) fn acts() -> impl Strategy<Value = Vec<Act>> {
    let (producer, partition, consumer) = (0..PRODUCERS, 0..PARTITIONS, 0..CONSUMERS);
    let fate = prop_oneof![
        18 => any::<bool>().prop_map(|with_offset| Fate::Acked { with_offset }),
        1 => Just(Fate::Failed),
        2 => any::<bool>().prop_map(|written| Fate::Unknown { written }),
        1 => Just(Fate::Late),
        1 => any::<bool>().prop_map(|written| Fate::Unended { written }),
    ];
    let ending = prop_oneof![
        8 => Just(Ending::Commit { done: true, told: true }),
        4 => (any::<bool>(), any::<bool>()).prop_map(|(done, told)| Ending::Commit { done, told }),
        2 => any::<bool>().prop_map(|told| Ending::Abort { told }),
        1 => any::<bool>().prop_map(|done| Ending::Fenced { done }),
        1 => Just(Ending::TimeOut),
    ];
    let act = prop_oneof![
        12 => (producer.clone(), partition.clone(), fate)
            .prop_map(|(producer, partition, fate)| Act::Send { producer, partition, fate }),
        12 => producer.clone().prop_map(|producer| Act::Land { producer }),
        10 => (producer.clone(), 0..8usize).prop_map(|(producer, which)| Act::Answer { producer, which }),
        1 => Just(Act::Surface),
        10 => (consumer.clone(), 1..12usize).prop_map(|(consumer, most)| Act::Poll { consumer, most }),
        1 => (consumer.clone(), partition, 0..200usize)
            .prop_map(|(consumer, partition, to)| Act::Seek { consumer, partition, to }),
        1 => (consumer, prop::collection::btree_set(0..PARTITIONS, 0..=PARTITIONS))
            .prop_map(|(consumer, partitions)| Act::Assign { consumer, partitions }),
        6 => producer.clone().prop_map(|producer| Act::Begin { producer }),
        10 => (producer.clone(), 1..16usize).prop_map(|(producer, most)| Act::Work { producer, most }),
        2 => producer.clone().prop_map(|producer| Act::Take { producer }),
        1 => producer.clone().prop_map(|producer| Act::Fence { producer }),
        8 => (producer, ending).prop_map(|(producer, ending)| Act::End { producer, ending }),
    ];
    prop::collection::vec(act, 100..400)
}

/// Runs in which almost everything is in transactions that go well, so that many of them are open at a time.
pub(crate) fn busy_acts() -> impl Strategy<Value = Vec<Act>> {
    let (producer, partition) = (0..PRODUCERS, 0..PARTITIONS);
    let fate = any::<bool>().prop_map(|with_offset| Fate::Acked { with_offset });
    let told = any::<bool>();
    let act = prop_oneof![
        10 => producer.clone().prop_map(|producer| Act::Begin { producer }),
        10 => (producer.clone(), partition, fate)
            .prop_map(|(producer, partition, fate)| Act::Send { producer, partition, fate }),
        10 => producer.clone().prop_map(|producer| Act::Land { producer }),
        8 => (producer.clone(), 1..30usize).prop_map(|(producer, most)| Act::Work { producer, most }),
        4 => producer.clone().prop_map(|producer| Act::Take { producer }),
        4 => (producer, told)
            .prop_map(|(producer, told)| Act::End { producer, ending: Ending::Commit { done: true, told } }),
    ];
    prop::collection::vec(act, 100..400)
}
