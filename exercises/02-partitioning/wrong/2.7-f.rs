//! why: the turn goes on once more at batch.size to the byte, without a question
//! shows: no batch is open: a turn has 10 records

impl StickyByBytes {
    fn goes_on(&self, turn: Turn, record: &Candidate<'_>, topic: &mut dyn Topic) -> bool {
        if turn.had <= self.batch_size {
            return true;
        }
        turn.had < self.batch_size.saturating_mul(2) && topic.offer(turn.partition, record.size)
    }
}
