//! Bytes and lists whose lengths somebody else wrote down.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use bytes::{Bytes, BytesMut};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use super::{Aborted, MAX_ABORTED, MAX_ENTRIES};

/// Record batches on their way: bytes that nobody looks into between the log and the client.
///
/// Decoding copies them once, and reserves no more than there is: the length that stands before them is held against the
/// bytes that follow it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RecordBytes(pub Bytes);

impl RecordBytes {
    /// The bytes, to be changed: a log writes its offset into them.
    pub fn into_mut(self) -> BytesMut {
        BytesMut::from(self.0)
    }
}

impl From<Bytes> for RecordBytes {
    fn from(bytes: Bytes) -> Self {
        RecordBytes(bytes)
    }
}

impl From<BytesMut> for RecordBytes {
    fn from(bytes: BytesMut) -> Self {
        RecordBytes(bytes.freeze())
    }
}

impl fmt::Debug for RecordBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for RecordBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for RecordBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Copied;

        impl<'de> Visitor<'de> for Copied {
            type Value = RecordBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("record batches")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<RecordBytes, E> {
                Ok(RecordBytes(Bytes::copy_from_slice(bytes)))
            }
        }

        deserializer.deserialize_bytes(Copied)
    }
}

/// For a list in a message: at most [`MAX_ENTRIES`], and room for no more than have come.
pub fn bounded<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Few::<_, MAX_ENTRIES>::deserialize(deserializer).map(|Few(list)| list)
}

/// As [`bounded`], for aborted transactions: at most [`MAX_ABORTED`].
pub(super) fn aborted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Aborted>, D::Error> {
    Few::<_, MAX_ABORTED>::deserialize(deserializer).map(|Few(list)| list)
}

/// As [`bounded`], for a list that may be left out.
pub(super) fn bounded_option<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    Ok(Option::deserialize(deserializer)?.map(|Few::<_, MAX_ENTRIES>(list)| list))
}

/// As [`bounded`], for a map.
pub(super) fn bounded_map<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
{
    bounded(deserializer).map(|entries: Vec<(K, V)>| entries.into_iter().collect())
}

/// How [`bounded_map`] wants it written: as a list of pairs.
pub(super) fn pairs<S: Serializer, K: Serialize, V: Serialize>(
    map: &BTreeMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map)
}

/// A list of at most `MOST` entries.
struct Few<T, const MOST: usize>(Vec<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Few<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Counted(PhantomData))
    }
}

/// Reads a list entry by entry.
struct Counted<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Counted<T, MOST> {
    type Value = Few<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST} entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Few<T, MOST>, A::Error> {
        if let Some(count) = entries.size_hint().filter(|&count| count > MOST) {
            return Err(de::Error::invalid_length(count, &self));
        }
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Few(list))
    }
}
