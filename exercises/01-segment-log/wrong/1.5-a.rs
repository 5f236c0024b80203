//! why: the batch counts its own bytes before it asks whether an entry is due
//! shows: the first batch (5000 bytes) gets no entry

impl SparseIndexer {
    pub fn apply(&mut self, batch: &BatchHeader<'_>, position: u32) -> Option<NewEntries> {
        if self.largest.is_none_or(|(timestamp, _)| batch.max_timestamp() > timestamp) {
            self.largest = Some((batch.max_timestamp(), batch.last_offset()));
        }
        self.bytes_since_entry += batch.size() as u64;
        let is_due = self.bytes_since_entry > u64::from(self.interval);
        if is_due {
            self.bytes_since_entry = 0;
        }
        let offset = OffsetEntry { relative_offset: self.relative(batch.last_offset()), position };
        is_due.then(|| NewEntries { offset, time: self.time_entry() })
    }
}
