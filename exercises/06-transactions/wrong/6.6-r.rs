//! why: the transaction is aborted, and its producer's epoch is not over: it may write the next one
//! shows: under the next epoch

impl Coordinator {
    fn take_over(&self, id: &Arc<str>, record: &TransactionRecord, now: Moment) -> Ruling<Initialized> {
        let next = TransactionRecord { previous: None, ..record.becomes(TransactionState::PrepareAbort, now.wall) };
        Ok(Decided { records: decide(id, next), reply: Initialized::NotYet })
    }
}
