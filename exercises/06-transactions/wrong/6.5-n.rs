//! why: whatever was decided, who asks is told yes
//! shows: It was decided otherwise.

fn answer_again(id: &str, producer: Identity, record: &TransactionRecord, outcome: Outcome) -> Ruling<Ended> {
    match record.state.outcome() {
        Some(decided) if decided == outcome && record.state.is_prepared() => Err(concurrent(id, record.state)),
        Some(decided) if decided == outcome && record.producer.epoch <= LAST_EPOCH => {
            Ok(Decided::nothing(Ended::As(record.producer)))
        }
        Some(decided) if decided == outcome => Err(fenced(id, producer, record)),
        Some(_) => Ok(Decided::nothing(Ended::As(record.producer))),
        None => Err(fenced(id, producer, record)),
    }
}
