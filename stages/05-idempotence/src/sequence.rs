//! Sequence numbers: how the records of a producer are counted in a partition.
//!
//! Each record has a number, and each batch says that of its first one (`base_sequence`). They begin at 0 and have 31 bits.
//! After 2,147,483,647 comes 0 again (Kafka's `DefaultRecordBatch.incrementSequence`). A producer that sends a million records
//! a second to one partition is there in 36 minutes, so that this happens.

/// How many numbers there are: 2^31.
const NUMBERS: i64 = 1 << 31;

/// The number `count` places behind `sequence`.
///
/// ```
/// use idempotence::sequence::plus;
///
/// assert_eq!(plus(7, 3), 10);
/// assert_eq!(plus(i32::MAX, 1), 0);
/// assert_eq!(plus(i32::MAX - 1, 5), 3);
/// ```
pub fn plus(sequence: i32, count: i32) -> i32 {
    ((i64::from(sequence) + i64::from(count)) % NUMBERS) as i32
}

/// The number of the last of `count` records, whose first has `first`. `count` is at least 1.
pub fn last_of(first: i32, count: i32) -> i32 {
    plus(first, count - 1)
}
