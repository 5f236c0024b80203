//! why: a doubt in an earlier attempt ends the batch, also where it only came too early
//! shows: An attempt of 3 is in doubt. It goes again all the same

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
            Some(ErrorCode::OutOfOrderSequenceNumber) if failure.again && failure.in_doubt => {
                if was_first {
                    run.out_of_order(failure.number);
                }
                Fate::Failed
            }
            Some(ErrorCode::OutOfOrderSequenceNumber) if failure.again && was_first => {
                run.out_of_order(failure.number);
                if failure.in_doubt { Fate::Failed } else { Fate::Again }
            }
            _ => as_said,
        }
    }
}
