//! why: an empty key is taken for none
//! shows: the partitions of `#0` to `#2`

impl Partitioner for Salted {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        match record.key {
            Some(key) if !key.is_empty() => {
                let salt = self.random.u32(0..self.salts);
                self.partition_of(key, salt, topic.partitions())
            }
            _ => self.unkeyed.partition(record, topic),
        }
    }
}
