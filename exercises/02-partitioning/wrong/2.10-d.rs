//! why: no key is taken for an empty one: all records without a key go to the few partitions of one
//! shows: no key: the partition that `unkeyed` says

impl Partitioner for Salted {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        let salt = self.random.u32(0..self.salts);
        self.partition_of(record.key.unwrap_or_default(), salt, topic.partitions())
    }
}
