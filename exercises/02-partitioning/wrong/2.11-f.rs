//! why: the first that was asked counts as the first, also if it had nothing
//! shows: the first partition had nothing, or refused: the next one may give a batch whatever its size

impl FetchBudget {
    pub fn spent(&mut self, bytes: usize) {
        self.is_empty = false;
        self.left = self.left.saturating_sub(bytes);
    }
}
