//! why: behind the marker is one further
//! shows: is aborted by the marker at 4. Nothing else is open

impl Transactions {
    fn apply_marker(&mut self, batch: &BatchView<'_>, at: &Appended) {
        let id = batch.producer_id();
        let Ok(marker) = marker::of(batch) else { return };
        let first = self.open.end(id, at.last_offset);
        self.markers.insert(id, MarkerSeen::of(batch, marker, *at));
        if let (Some(first_offset), Outcome::Abort) = (first, marker.outcome) {
            let last_offset = at.last_offset;
            let last_stable_offset = self.open.first().unwrap_or(last_offset);
            self.aborted = Some(AbortedTransaction { producer_id: id, first_offset, last_offset, last_stable_offset });
        }
    }
}
