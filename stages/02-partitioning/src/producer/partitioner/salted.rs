//! A key that is too much for one partition, spread over a few.

use super::{Candidate, Partitioner, StickyByBytes, Topic, partition_for_key};

/// By the key with a number behind it: the records of `alice` go where `alice#0`, `alice#1`, … would go. So a key has up to
/// [`salts`](Self::new) partitions and not one. The keys themselves are stored as they are.
///
/// It is for a *hot key*: one that has so many records that its partition is full of work while the others idle. More
/// partitions do not help there, as the key stays in one. What it costs is what a key was for:
///
/// - *Order.* Records of a key are in order only among those of one partition. For counts and sums that does no harm; for
///   "ordered, then cancelled" it does.
/// - *Gathering.* Whoever wants all of a key reads all its partitions ([`partition_of`](Self::partition_of) names them),
///   and puts together what is found.
/// - All keys pay, the quiet ones too, as this partitioner does not know which are hot.
///
/// The number is drawn by lot for each record. A count would be more even, but one count for all keys falls into step with
/// them: of `alice, bob, alice, bob, …` with two salts, alice would always get 0. And a count for each key takes memory for
/// each key.
///
/// Kafka brings no such partitioner. There one writes it, as here, against the partitioner's interface, or changes the key
/// itself before it is sent.
///
/// ```
/// use partitioning::producer::partitioner::{Salted, StickyByBytes, partition_for_key};
///
/// let mut random = fastrand::Rng::with_seed(1);
/// let unkeyed = StickyByBytes::new(16_384, true, random.fork());
/// let salted = Salted::new(4, random, unkeyed);
/// assert_eq!(salted.partition_of(b"alice", 3, 12), partition_for_key(b"alice#3", 12));
/// ```
#[derive(Debug)]
pub struct Salted {
    salts: u32,
    random: fastrand::Rng,
    unkeyed: StickyByBytes,
}

impl Salted {
    /// Over at most `salts` partitions, and at least one. Draws with `random`. For records without a key, `unkeyed` decides.
    pub fn new(salts: u32, random: fastrand::Rng, unkeyed: StickyByBytes) -> Self {
        Salted { salts: salts.max(1), random, unkeyed }
    }

    /// Where the records of `key` go that get `salt`, among `partitions` of them. Two salts can go to the same one.
    pub fn partition_of(&self, key: &[u8], salt: u32, partitions: u32) -> u32 {
        let salted = [key, b"#", salt.to_string().as_bytes()].concat();
        partition_for_key(&salted, partitions)
    }
}

impl Partitioner for Salted {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        match record.key {
            Some(key) => {
                let salt = self.random.u32(0..self.salts);
                self.partition_of(key, salt, topic.partitions())
            }
            None => self.unkeyed.partition(record, topic),
        }
    }

    fn appended(&mut self, record: &Candidate<'_>, partition: u32, bytes: usize) {
        // Records with keys take nothing from the turn of those without.
        if record.key.is_none() {
            self.unkeyed.appended(record, partition, bytes);
        }
    }
}
