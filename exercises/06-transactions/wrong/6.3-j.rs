//! why: who wrote nothing here is noted as well, with the marker alone
//! shows: p7 is aborted, and has no record here

impl Transactions {
    fn apply_marker(&mut self, batch: &BatchView<'_>, at: &Appended) {
        let id = batch.producer_id();
        let Ok(marker) = marker::of(batch) else { return };
        let first = self.open.end(id, at.last_offset);
        self.markers.insert(id, MarkerSeen::of(batch, marker, *at));
        if let (first_offset, Outcome::Abort) = (first.unwrap_or(at.last_offset), marker.outcome) {
            let last_offset = at.last_offset;
            let last_stable_offset = self.open.first().unwrap_or(last_offset.saturating_add(1));
            self.aborted = Some(AbortedTransaction { producer_id: id, first_offset, last_offset, last_stable_offset });
        }
    }
}
