//! why: every partition may give a batch whatever its size: an answer has as many of them as partitions
//! shows: 300 of 1000 bytes are given: 700 are left

impl FetchBudget {
    pub fn request(&self, asked: &FetchPartition) -> ReadRequest {
        let max_bytes = self.left.min(asked.max_bytes as usize);
        ReadRequest { from: asked.offset, max_bytes, min_one_batch: true }
    }
}
