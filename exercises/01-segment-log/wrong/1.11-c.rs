//! why: a control batch is counted like data
//! shows: a control batch is a note for readers

impl Fold for KeyCounts {
    fn apply(&mut self, batch: &BatchView<'_>, _at: &Appended) {
        let Some(keys) = Self::keys(batch) else {
            self.unreadable += 1;
            return;
        };
        for key in keys {
            *self.counts.entry(key).or_default() += 1;
        }
    }
}
