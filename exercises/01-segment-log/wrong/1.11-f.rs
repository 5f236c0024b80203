//! why: no key is taken for the empty key
//! shows: two records have the empty key, and three have none

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
            *self.counts.entry(Some(key.unwrap_or_default())).or_default() += 1;
        }
    }
}
