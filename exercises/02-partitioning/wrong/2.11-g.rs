//! why: a later partition that had nothing makes the answer count as empty again
//! shows: that stays so when a later one has nothing

impl FetchBudget {
    pub fn spent(&mut self, bytes: usize) {
        self.is_empty = bytes == 0;
        self.left = self.left.saturating_sub(bytes);
    }
}
