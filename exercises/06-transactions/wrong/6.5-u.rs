//! why: whoever says the epoch of the markers speaks for the producer
//! shows: was for the markers

impl Coordinator {
    pub fn end(
        &mut self,
        id: &str,
        producer: Identity,
        outcome: Outcome,
        fresh: Option<i64>,
        now: Moment,
    ) -> Ruling<Ended> {
        let record = self.mapped(id, producer)?;
        let is_again = record.producer != producer && record.previous == Some(producer);
        if record.producer != producer && !is_again {
            return Err(fenced(id, producer, record));
        }
        if is_again || (self.config.epochs == Epochs::OfInit && record.state.outcome().is_some()) {
            return answer_again(id, producer, record, outcome);
        }
        match (record.state, outcome) {
            (state, _) if state.is_prepared() => Err(concurrent(id, state)),
            (TransactionState::Ongoing, _) => self.decide_end(id, record, outcome, fresh, now.wall),
            (_, Outcome::Abort) if self.config.epochs == Epochs::OfTransaction => {
                self.decide_end(id, record, outcome, fresh, now.wall)
            }
            (_, Outcome::Abort) => Ok(Decided::nothing(Ended::As(producer))),
            (state, Outcome::Commit) => Err(nothing_to_commit(id, state)),
        }
    }
}
