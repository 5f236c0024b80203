//! why: it is said to ask again, and nothing is decided: so it asks for ever
//! shows: What is open is aborted

impl Coordinator {
    fn take_over(&self, id: &Arc<str>, record: &TransactionRecord, now: Moment) -> Ruling<Initialized> {
        let next = TransactionRecord { previous: None, ..self.fenced_and_aborted(record, now.wall) };
        Ok(Decided { records: decide(id, next).split_off(1), reply: Initialized::NotYet })
    }
}
