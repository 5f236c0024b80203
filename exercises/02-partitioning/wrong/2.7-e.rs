//! why: the open batch is offered one byte, so it is not full, and never closes
//! shows: the open batch takes none: a turn has 10 records

impl StickyByBytes {
    fn goes_on(&self, turn: Turn, record: &Candidate<'_>, topic: &mut dyn Topic) -> bool {
        let _ = record;
        if turn.had < self.batch_size {
            return true;
        }
        turn.had < self.batch_size.saturating_mul(2) && topic.offer(turn.partition, 1)
    }
}
