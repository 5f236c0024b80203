//! why: as long as markers are written nobody is told that it was decided otherwise
//! shows: It was decided otherwise.

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
        if (record.producer != producer && !is_again) || producer.epoch > LAST_EPOCH {
            return Err(fenced(id, producer, record));
        }
        if record.state.is_prepared() {
            return Err(concurrent(id, record.state));
        }
        if is_again || (self.config.epochs == Epochs::OfInit && record.state.outcome().is_some()) {
            return answer_again(id, producer, record, outcome);
        }
        match (record.state, outcome) {
            (TransactionState::Ongoing, _) => self.decide_end(id, record, outcome, fresh, now.wall),
            (_, Outcome::Abort) if self.config.epochs == Epochs::OfTransaction => {
                self.decide_end(id, record, outcome, fresh, now.wall)
            }
            (_, Outcome::Abort) => Ok(Decided::nothing(Ended::As(producer))),
            (state, Outcome::Commit) => Err(nothing_to_commit(id, state)),
        }
    }
}
