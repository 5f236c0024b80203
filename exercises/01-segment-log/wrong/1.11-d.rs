//! why: the records before the broken one are counted
//! shows: all of a batch's keys count, or none

impl Fold for KeyCounts {
    fn apply(&mut self, batch: &BatchView<'_>, _at: &Appended) {
        if batch.is_control() {
            return;
        }
        let Ok(records) = batch.records(DECOMPRESSED_LIMIT) else {
            self.unreadable += 1;
            return;
        };
        for record in records.iter() {
            match record {
                Ok(record) => *self.counts.entry(record.key.map(Bytes::copy_from_slice)).or_default() += 1,
                Err(_) => self.unreadable += 1,
            }
        }
    }
}
