//! why: an open one hides a decided one that began before it
//! shows: p9 is open from 1 on. p7 is from 0 to 2

impl OpenTransactions {
    pub(super) fn unstable(&self) -> Option<Offset> {
        self.first().or_else(|| self.decided.iter().map(|decided| decided.first).min())
    }
}
