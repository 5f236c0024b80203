//! why: a batch that is larger than what is left makes the rest negative
//! shows: attempt to subtract with overflow

impl FetchBudget {
    pub fn spent(&mut self, bytes: usize) {
        self.is_empty &= bytes == 0;
        self.left -= bytes;
    }
}
