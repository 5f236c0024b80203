//! why: the marker of a decided one counts, and not its first record
//! shows: the marker could be cut off

impl OpenTransactions {
    pub(super) fn unstable(&self) -> Option<Offset> {
        let decided = self.decided.iter().map(|decided| decided.marker).min();
        self.first().into_iter().chain(decided).min()
    }
}
