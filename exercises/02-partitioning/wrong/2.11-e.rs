//! why: no partition may: a batch that is larger than the limits is asked for again and again
//! shows: and one batch whatever its size

impl FetchBudget {
    pub fn request(&self, asked: &FetchPartition) -> ReadRequest {
        let max_bytes = self.left.min(asked.max_bytes as usize);
        ReadRequest { from: asked.offset, max_bytes, min_one_batch: false }
    }
}
