//! why: the last stable offset of the partition is noted: this transaction itself holds it back, until its marker is committed
//! shows: Nothing else is open

impl Transactions {
    fn apply_marker(&mut self, batch: &BatchView<'_>, at: &Appended) {
        let id = batch.producer_id();
        let Ok(marker) = marker::of(batch) else { return };
        let first = self.open.end(id, at.last_offset);
        self.markers.insert(id, MarkerSeen::of(batch, marker, *at));
        if let (Some(first_offset), Outcome::Abort) = (first, marker.outcome) {
            let last_offset = at.last_offset;
            let last_stable_offset = self.open.unstable().unwrap_or(last_offset.saturating_add(1));
            self.aborted = Some(AbortedTransaction { producer_id: id, first_offset, last_offset, last_stable_offset });
        }
    }
}
