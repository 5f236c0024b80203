//! why: the salt is added to the partition: as spread, but nobody else would look there
//! shows: by their hashes: all of them, and no other

impl Partitioner for Salted {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        match record.key {
            Some(key) => {
                let partitions = topic.partitions();
                (partition_for_key(key, partitions) + self.random.u32(0..self.salts)) % partitions
            }
            None => self.unkeyed.partition(record, topic),
        }
    }
}
