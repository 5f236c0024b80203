//! why: the turn ends at batch.size to the byte, and leaves a batch behind that has room
//! shows: the open batch takes more and more: a turn has 20 records

impl StickyByBytes {
    fn goes_on(&self, turn: Turn, record: &Candidate<'_>, topic: &mut dyn Topic) -> bool {
        let _ = (record, topic);
        turn.had < self.batch_size
    }
}
