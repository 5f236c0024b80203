//! why: only batches that get an entry are asked for their time
//! shows: the second batch had the largest time

impl SparseIndexer {
    pub fn apply(&mut self, batch: &BatchHeader<'_>, position: u32) -> Option<NewEntries> {
        let is_due = self.bytes_since_entry > u64::from(self.interval);
        if is_due {
            self.bytes_since_entry = 0;
        }
        self.bytes_since_entry += batch.size() as u64;
        let is_larger = self.largest.is_none_or(|(timestamp, _)| batch.max_timestamp() > timestamp);
        if is_larger && (is_due || self.largest.is_none()) {
            self.largest = Some((batch.max_timestamp(), batch.last_offset()));
        }
        let offset = OffsetEntry { relative_offset: self.relative(batch.last_offset()), position };
        is_due.then(|| NewEntries { offset, time: self.time_entry() })
    }
}
