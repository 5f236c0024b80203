//! why: without an open transaction the log is taken to be not stable from its start
//! shows: the log is empty

impl OpenTransactions {
    pub(super) fn unstable(&self) -> Option<Offset> {
        let undecided = self.first();
        let decided = self.decided.iter().map(|decided| decided.first).min();
        Some(undecided.into_iter().chain(decided).min().unwrap_or(0))
    }
}
