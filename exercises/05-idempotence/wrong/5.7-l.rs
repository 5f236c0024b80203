//! why: all that is out of order goes again, whatever was said
//! shows: the same behind others

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
                if failure.in_doubt { Fate::Failed } else { Fate::Again }
            }
            Some(ErrorCode::OutOfOrderSequenceNumber) if !was_first => Fate::Again,
            _ => as_said,
        }
    }
}
