//! why: out of order always means too early: behind a log that has lost something it is tried for ever
//! shows: it is the first of the next epoch

impl Sequences {
    pub fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate {
        let as_said = if failure.again { Fate::Again } else { Fate::Failed };
        let Some(run) = self.runs.get_mut(failure.at).filter(|run| run.has(failure.number)) else { return as_said };
        let _ = run.came_back(failure.number, failure.in_doubt);
        match failure.error.code() {
            Some(ErrorCode::InvalidProducerEpoch) => {
                let id = |identity: Identity| identity.producer_id;
                self.is_spent |= self.identity.map(id) == Some(id(run.identity()));
                Fate::Failed
            }
            _ => as_said,
        }
    }
}
