//! why: an aborted transaction is noted from the marker on, and not from its first record on
//! shows: p7 has records at 1 and 3

impl Transactions {
    fn apply_marker(&mut self, batch: &BatchView<'_>, at: &Appended) {
        let id = batch.producer_id();
        let Ok(marker) = marker::of(batch) else { return };
        let first = self.open.end(id, at.last_offset);
        self.markers.insert(id, MarkerSeen::of(batch, marker, *at));
        if let (Some(first_offset), Outcome::Abort) = (first, marker.outcome) {
            let last_offset = at.last_offset;
            let last_stable_offset = self.open.first().unwrap_or(last_offset.saturating_add(1));
            self.aborted = Some(AbortedTransaction { producer_id: id, first_offset: first_offset.max(last_offset), last_offset, last_stable_offset });
        }
    }
}
