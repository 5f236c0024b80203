//! What is judged of this stage in exercises. Each test is one rule, and says which one is broken.

mod ids;
mod learning;
mod leaving;
mod refusals;
mod sequence;
mod silence;
// Not all of it is used here.
#[allow(dead_code)]
#[path = "../producers/support.rs"]
mod support;
mod verdict;
// Not all of it is used here.
#[allow(dead_code)]
#[path = "../sequences/support.rs"]
mod desk;

use idempotence::producers::{Producer, Producers, ProducersConfig};
use segment_log::{Appended, Batch, Fold};

/// Producers that are remembered for so many milliseconds, and the batches of a log that starts at offset 100.
struct Told {
    producers: Producers,
    next: i64,
}

impl Told {
    fn new() -> Self {
        Told { producers: Producers::default(), next: 100 }
    }

    fn remembering(millis: u64) -> Self {
        let expiration = std::time::Duration::from_millis(millis);
        Told { producers: Producers::new(ProducersConfig { expiration, ..ProducersConfig::default() }), next: 100 }
    }

    /// The log holds this batch now.
    fn holds(&mut self, mut batch: Batch) {
        batch.set_place(self.next, 0);
        self.producers.apply(&batch.view(), &Appended::of(&batch.view()));
        self.next += i64::from(batch.view().last_offset_delta()) + 1;
    }

    /// The log holds a batch of these: producer, epoch, first number, how many.
    fn batch(&mut self, producer: i64, epoch: i16, first: i32, count: usize) -> &mut Self {
        self.holds(support::batch(producer, epoch, first, count));
        self
    }

    /// What is known: `p7 e0: 0…4@100 5@105`.
    fn known(&self) -> String {
        let one = |(id, producer): (i64, &Producer)| {
            let seen = producer.remembered().map(|seen| match seen.first == seen.last {
                true => format!(" {}@{}", seen.first, seen.at.base_offset),
                false => format!(" {}…{}@{}", seen.first, seen.last, seen.at.base_offset),
            });
            format!("p{id} e{}:{}", producer.epoch(), seen.collect::<String>())
        };
        let known: Vec<_> = self.producers.iter().map(one).collect();
        if known.is_empty() { "nobody".to_owned() } else { known.join("; ") }
    }
}
