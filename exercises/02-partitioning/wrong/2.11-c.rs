//! why: a partition's own limit is not looked at
//! shows: 1000 bytes for the answer, 300 for the partition

impl FetchBudget {
    pub fn request(&self, asked: &FetchPartition) -> ReadRequest {
        ReadRequest { from: asked.offset, max_bytes: self.left, min_one_batch: self.is_empty }
    }
}
