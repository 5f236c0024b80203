//! why: the new one begins before what was open is aborted
//! shows: ask again

impl Coordinator {
    fn take_over(&self, id: &Arc<str>, record: &TransactionRecord, now: Moment) -> Ruling<Initialized> {
        let next = TransactionRecord { previous: None, ..self.fenced_and_aborted(record, now.wall) };
        Ok(Decided { records: decide(id, next), reply: Initialized::As(record.producer) })
    }
}
