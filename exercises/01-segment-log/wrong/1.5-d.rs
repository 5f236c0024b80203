//! why: the time entry names this batch and not the largest time so far
//! shows: the largest so far is 700

impl SparseIndexer {
    pub fn apply(&mut self, batch: &BatchHeader<'_>, position: u32) -> Option<NewEntries> {
        self.largest = Some((batch.max_timestamp(), batch.last_offset()));
        let is_due = self.bytes_since_entry > u64::from(self.interval);
        if is_due {
            self.bytes_since_entry = 0;
        }
        self.bytes_since_entry += batch.size() as u64;
        let offset = OffsetEntry { relative_offset: self.relative(batch.last_offset()), position };
        is_due.then(|| NewEntries { offset, time: self.time_entry() })
    }
}
