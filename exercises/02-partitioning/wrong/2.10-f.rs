//! why: `unkeyed` does not hear what its records took, and stays with one partition for ever
//! shows: `unkeyed` hears of each, so it draws again every two

impl Partitioner for Salted {
    fn appended(&mut self, record: &Candidate<'_>, partition: u32, bytes: usize) {
        let _ = (record, partition, bytes);
    }
}
