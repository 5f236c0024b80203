//! why: the lot has one salt too many
//! shows: by their hashes: all of them, and no other

impl Partitioner for Salted {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        match record.key {
            Some(key) => {
                let salt = self.random.u32(0..=self.salts);
                self.partition_of(key, salt, topic.partitions())
            }
            None => self.unkeyed.partition(record, topic),
        }
    }
}
