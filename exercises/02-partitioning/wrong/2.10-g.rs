//! why: `unkeyed` hears of records with a key, too, which use up its turn
//! shows: what went there with a key does not count: the turn goes on

impl Partitioner for Salted {
    fn appended(&mut self, record: &Candidate<'_>, partition: u32, bytes: usize) {
        self.unkeyed.appended(record, partition, bytes);
    }
}
