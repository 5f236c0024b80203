//! why: a decided one hides an open one that began before it
//! shows: p7 is open from 0 on. p9 is from 1 to 2

impl OpenTransactions {
    pub(super) fn unstable(&self) -> Option<Offset> {
        self.decided.iter().map(|decided| decided.first).min().or_else(|| self.first())
    }
}
