//! Which partition of `__transaction_state` a transactional id belongs to, and so which broker coordinates it.
//!
//! All must agree, clients of other programs too. So the rule is Kafka's, and with it Java's idea of a text's hash: 31 times what came
//! before, plus the next UTF-16 unit, in 32 bits.

/// Java's `String.hashCode`.
///
/// ```
/// use transactions::placing::java_hash;
///
/// assert_eq!(java_hash("hello"), 99_162_322);
/// assert_eq!(java_hash("transfer-producer-1"), -1_365_550_120);
/// assert_eq!(java_hash(""), 0);
/// ```
pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// The partition for a transactional id, of `count` (Kafka's `TransactionStateManager.partitionFor`). What counts is the size of the
/// hash, without its sign. The most negative number has no positive of its size in 32 bits: for it Kafka takes 0.
///
/// ```
/// use transactions::placing::partition_for;
///
/// assert_eq!(partition_for("hello", 50), 22);
/// assert_eq!(partition_for("transfer-producer-1", 50), 20);
/// ```
pub fn partition_for(transactional_id: &str, count: u32) -> u32 {
    let size = java_hash(transactional_id).checked_abs().unwrap_or(0);
    size.unsigned_abs() % count.max(1)
}
