//! why: the one before is still answered: it can ask what became of its transaction, and goes on in the new one's name
//! shows: the one before is refused from here on

impl Coordinator {
    fn take_over(&self, id: &Arc<str>, record: &TransactionRecord, now: Moment) -> Ruling<Initialized> {
        let next = self.fenced_and_aborted(record, now.wall);
        Ok(Decided { records: decide(id, next), reply: Initialized::NotYet })
    }
}
