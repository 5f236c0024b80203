//! why: partitions without a leader are avoided: a salted key then has more partitions than salts
//! shows: only partition 0 has a leader: `alice` goes where its salted keys go

impl Partitioner for Salted {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        match record.key {
            Some(key) => {
                let salt = self.random.u32(0..self.salts);
                let partition = self.partition_of(key, salt, topic.partitions());
                let led = (0..topic.partitions()).find(|&partition| topic.has_leader(partition));
                if topic.has_leader(partition) { partition } else { led.unwrap_or(partition) }
            }
            None => self.unkeyed.partition(record, topic),
        }
    }
}
