//! why: an abort ends nothing: its transaction stays open, and holds all readers back
//! shows: The marker at 2 aborts p7

impl Transactions {
    fn apply_marker(&mut self, batch: &BatchView<'_>, at: &Appended) {
        let id = batch.producer_id();
        let Ok(marker) = marker::of(batch) else { return };
        let first = match marker.outcome {
            Outcome::Commit => self.open.end(id, at.last_offset),
            Outcome::Abort => self.open.of(id),
        };
        self.markers.insert(id, MarkerSeen::of(batch, marker, *at));
        if let (Some(first_offset), Outcome::Abort) = (first, marker.outcome) {
            let last_offset = at.last_offset;
            let last_stable_offset = self.open.first().unwrap_or(last_offset.saturating_add(1));
            self.aborted = Some(AbortedTransaction { producer_id: id, first_offset, last_offset, last_stable_offset });
        }
    }
}
