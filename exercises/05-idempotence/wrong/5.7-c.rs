//! why: what is in doubt goes again under a new number
//! shows: With another number it could be there twice

impl Sequences {
    pub fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate {
        let as_said = if failure.again { Fate::Again } else { Fate::Failed };
        let Some(run) = self.runs.get_mut(failure.at).filter(|run| run.has(failure.number)) else { return as_said };
        let was_first = run.came_back(failure.number, failure.in_doubt);
        match failure.error.code() {
            Some(ErrorCode::InvalidProducerEpoch) => {
                let id = |identity: Identity| identity.producer_id;
                self.is_spent |= self.identity.map(id) == Some(id(run.identity()));
                Fate::Failed
            }
            Some(ErrorCode::OutOfOrderSequenceNumber) if failure.again && was_first => {
                run.out_of_order(failure.number);
                Fate::Again
            }
            _ => as_said,
        }
    }
}
