//! why: an entry when the interval is reached, and not when it is passed
//! shows: 4096 bytes are not more than 4096

impl SparseIndexer {
    pub fn apply(&mut self, batch: &BatchHeader<'_>, position: u32) -> Option<NewEntries> {
        if self.largest.is_none_or(|(timestamp, _)| batch.max_timestamp() > timestamp) {
            self.largest = Some((batch.max_timestamp(), batch.last_offset()));
        }
        let is_due = self.bytes_since_entry >= u64::from(self.interval) && self.bytes_since_entry > 0;
        if is_due {
            self.bytes_since_entry = 0;
        }
        self.bytes_since_entry += batch.size() as u64;
        let offset = OffsetEntry { relative_offset: self.relative(batch.last_offset()), position };
        is_due.then(|| NewEntries { offset, time: self.time_entry() })
    }
}
