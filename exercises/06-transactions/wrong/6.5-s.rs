//! why: who asks again is told the epoch in which it asked: it would be refused in the next transaction
//! shows: the same answer

fn answer_again(id: &str, producer: Identity, record: &TransactionRecord, outcome: Outcome) -> Ruling<Ended> {
    match record.state.outcome() {
        Some(decided) if decided == outcome && record.state.is_prepared() => Err(concurrent(id, record.state)),
        Some(decided) if decided == outcome && record.producer.epoch <= LAST_EPOCH => {
            Ok(Decided::nothing(Ended::As(producer)))
        }
        Some(decided) if decided == outcome => Err(fenced(id, producer, record)),
        Some(_) => Err(decided_otherwise(id, record.state)),
        None => Err(fenced(id, producer, record)),
    }
}
