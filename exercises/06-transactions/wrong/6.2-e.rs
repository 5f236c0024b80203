//! why: the decided are in the order of their markers, so the first of them need not have begun first
//! shows: p9 is from 1 to 2 and p7 from 0 to 3

impl OpenTransactions {
    pub(super) fn unstable(&self) -> Option<Offset> {
        let decided = self.decided.front().map(|decided| decided.first);
        self.first().into_iter().chain(decided).min()
    }
}
