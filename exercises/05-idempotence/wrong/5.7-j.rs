//! why: what has ended is looked at, too
//! shows: 1 has ended: it is as it was said

impl Sequences {
    pub fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate {
        let as_said = if failure.again { Fate::Again } else { Fate::Failed };
        if failure.error.code() == Some(ErrorCode::InvalidProducerEpoch) {
            let own = self.identity.map(|own| own.producer_id);
            if let Some(run) = self.runs.get_mut(failure.at) {
                self.is_spent |= own == Some(run.identity().producer_id);
                if run.has(failure.number) {
                    run.came_back(failure.number, failure.in_doubt);
                }
            }
            return Fate::Failed;
        }
        let Some(run) = self.runs.get_mut(failure.at).filter(|run| run.has(failure.number)) else { return as_said };
        let was_first = run.came_back(failure.number, failure.in_doubt);
        match failure.error.code() {
            Some(ErrorCode::OutOfOrderSequenceNumber) if failure.again && was_first => {
                run.out_of_order(failure.number);
                if failure.in_doubt { Fate::Failed } else { Fate::Again }
            }
            _ => as_said,
        }
    }
}
