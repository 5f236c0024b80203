//! why: the number of unreadable batches is not saved
//! shows: gives the same number of unreadable batches

impl Fold for KeyCounts {
    fn snapshot(&self) -> Vec<u8> {
        let counts = self.counts.iter().map(|(key, count)| (key.as_ref().map(|key| key.to_vec()), *count));
        codec::encode(VERSION, &Saved { counts: counts.collect(), unreadable: 0 })
    }
}
