//! why: the one before is kept as the one before: it would be told who the new one is
//! shows: before none

impl Coordinator {
    pub fn init(&mut self, init: &Init, fresh: Option<i64>, now: Moment) -> Ruling<Initialized> {
        self.judge_init(init)?;
        let Init { id, timeout_ms, expected } = init;
        let Some(record) = self.get(id) else {
            let Some(fresh) = fresh else { return Ok(Decided::nothing(Initialized::NeedsId)) };
            let producer = Identity { id: fresh, epoch: 0 };
            let record = TransactionRecord {
                producer,
                previous: None,
                next_id: None,
                timeout_ms: *timeout_ms,
                state: TransactionState::Empty,
                partitions: BTreeSet::new(),
                began: -1,
                updated: now.wall,
            };
            return Ok(Decided { records: decide(id, record), reply: Initialized::As(producer) });
        };
        match *expected {
            Some(expected) if record.previous == Some(expected) && record.state == TransactionState::Empty => {
                return Ok(Decided::nothing(Initialized::As(record.producer)));
            }
            Some(expected) if record.producer != expected => return Err(fenced(id, expected, record)),
            _ => {}
        }
        match record.state {
            state if state.is_prepared() => Err(concurrent(id, state)),
            TransactionState::Ongoing => self.take_over(id, record, now),
            _ => {
                let Some(producer) = raised(record.producer, fresh) else {
                    return Ok(Decided::nothing(Initialized::NeedsId));
                };
                let next = TransactionRecord {
                    producer,
                    previous: Some(record.producer),
                    timeout_ms: *timeout_ms,
                    partitions: BTreeSet::new(),
                    began: -1,
                    ..record.becomes(TransactionState::Empty, now.wall)
                };
                Ok(Decided { records: decide(id, next), reply: Initialized::As(producer) })
            }
        }
    }
}
