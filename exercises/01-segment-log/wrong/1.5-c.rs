//! why: the batch that gets the entry does not count towards the next one
//! shows: the batch behind each 5000 bytes gets an entry

impl SparseIndexer {
    pub fn apply(&mut self, batch: &BatchHeader<'_>, position: u32) -> Option<NewEntries> {
        if self.largest.is_none_or(|(timestamp, _)| batch.max_timestamp() > timestamp) {
            self.largest = Some((batch.max_timestamp(), batch.last_offset()));
        }
        if self.bytes_since_entry <= u64::from(self.interval) {
            self.bytes_since_entry += batch.size() as u64;
            return None;
        }
        self.bytes_since_entry = 0;
        let offset = OffsetEntry { relative_offset: self.relative(batch.last_offset()), position };
        Some(NewEntries { offset, time: self.time_entry() })
    }
}
