//! why: a transaction counts as over as soon as its marker is written
//! shows: the marker could be cut off

impl OpenTransactions {
    pub(super) fn unstable(&self) -> Option<Offset> {
        self.first()
    }
}
