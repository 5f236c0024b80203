//! why: what was given is not taken off: each partition fills the answer anew
//! shows: 300 of 1000 bytes are given: 700 are left

impl FetchBudget {
    pub fn spent(&mut self, bytes: usize) {
        self.is_empty &= bytes == 0;
    }
}
