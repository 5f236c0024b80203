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
/// assert_eq!(java_hash("transfer-producer-1"), java_hash("transfer-producer-1"));
/// assert_eq!(java_hash(""), 0);
/// ```
pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// The partition for a transactional id, of `count` (Kafka's `TransactionStateManager.partitionFor`). The sign is dropped, not turned:
/// the most negative number has no positive.
pub fn partition_for(transactional_id: &str, count: u32) -> u32 {
    (java_hash(transactional_id) & i32::MAX) as u32 % count.max(1)
}
