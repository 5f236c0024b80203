//! why: the salt comes from the value: records that are the same are not spread
//! shows: the partitions of `alice#0` to `alice#3`, by their hashes: all of them, and no other

impl Partitioner for Salted {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        match record.key {
            Some(key) => {
                let salt = record.value.map_or(0, |value| value.len() as u32) % self.salts;
                self.partition_of(key, salt, topic.partitions())
            }
            None => self.unkeyed.partition(record, topic),
        }
    }
}
