//! why: a turn goes on as long as a batch is open there: with keyed records beside, for ever
//! shows: the open batch takes more and more: a turn has 20 records

impl StickyByBytes {
    fn goes_on(&self, turn: Turn, record: &Candidate<'_>, topic: &mut dyn Topic) -> bool {
        turn.had < self.batch_size || topic.offer(turn.partition, record.size)
    }
}
