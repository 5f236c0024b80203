//! The example fold: how many records each key has.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Fold, Rejection};
use crate::batch::{BatchView, DECOMPRESSED_LIMIT};
use crate::codec;
use crate::log::Appended;

/// Counts records by key. Records without a key have a count of their own.
///
/// It must open every batch to see the keys. The folds of later stages mostly do not: what they need stands in the
/// header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyCounts {
    counts: BTreeMap<Option<Bytes>, u64>,
    unreadable: u64,
}

impl KeyCounts {
    /// Keys and their counts, in the order of the keys' bytes; no key comes first.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&[u8]>, u64)> {
        self.counts.iter().map(|(key, count)| (key.as_deref(), *count))
    }

    /// How many records have this key.
    pub fn count(&self, key: Option<&[u8]>) -> u64 {
        self.counts.get(&key.map(Bytes::copy_from_slice)).copied().unwrap_or(0)
    }

    /// Batches whose checksum holds and whose records still could not be read: their maker is at fault.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// All of a batch's keys, or none if one of its records cannot be read.
    fn keys(batch: &BatchView<'_>) -> Option<Vec<Option<Bytes>>> {
        let records = batch.records(DECOMPRESSED_LIMIT).ok()?;
        records.iter().map(|record| Some(record.ok()?.key.map(Bytes::copy_from_slice))).collect()
    }
}

impl Fold for KeyCounts {
    fn apply(&mut self, batch: &BatchView<'_>, _at: &Appended) {
        if batch.is_control() {
            return;
        }
        let Some(keys) = Self::keys(batch) else {
            self.unreadable += 1;
            return;
        };
        for key in keys {
            *self.counts.entry(key).or_default() += 1;
        }
    }

    fn snapshot(&self) -> Vec<u8> {
        let counts = self.counts.iter().map(|(key, count)| (key.as_ref().map(|key| key.to_vec()), *count));
        codec::encode(VERSION, &Saved { counts: counts.collect(), unreadable: self.unreadable })
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        *self = KeyCounts::default();
        if let Some(snapshot) = snapshot {
            let saved: Saved = codec::decode(VERSION, snapshot).map_err(Rejection::new)?;
            self.counts = saved.counts.into_iter().map(|(key, count)| (key.map(Bytes::from), count)).collect();
            self.unreadable = saved.unreadable;
        }
        Ok(())
    }
}

const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Saved {
    counts: Vec<(Option<Vec<u8>>, u64)>,
    unreadable: u64,
}
