//! why: the larger limit counts
//! shows: 1000 are asked for, and 10000 are allowed

impl FetchBudget {
    pub fn new(asked: u32, limit: usize) -> Self {
        FetchBudget { left: limit.max(asked as usize), is_empty: true }
    }
}
