//! why: the last one counts
//! shows: p9 is open from 0 on, and p7 from 1 on

impl OpenTransactions {
    pub(super) fn unstable(&self) -> Option<Offset> {
        let undecided = self.in_order.last().map(|(offset, _)| *offset);
        let decided = self.decided.iter().map(|decided| decided.first).max();
        undecided.into_iter().chain(decided).max()
    }
}
