//! why: a count goes around for all keys together, and falls into step with them: alice always gets 0
//! shows: and alice, bob take turns

impl Partitioner for Salted {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        thread_local! { static NEXT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) } }
        match record.key {
            Some(key) => {
                let salt = NEXT.replace(NEXT.get().wrapping_add(1)) % self.salts;
                self.partition_of(key, salt, topic.partitions())
            }
            None => self.unkeyed.partition(record, topic),
        }
    }
}
