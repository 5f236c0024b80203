//! why: a late request is told who the producer is now, and can go on as it
//! shows: It is of the transaction before

fn answer_again(id: &str, producer: Identity, record: &TransactionRecord, outcome: Outcome) -> Ruling<Ended> {
    match record.state.outcome() {
        Some(decided) if decided == outcome && record.state.is_prepared() => Err(concurrent(id, record.state)),
        Some(decided) if decided == outcome && record.producer.epoch <= LAST_EPOCH => {
            Ok(Decided::nothing(Ended::As(record.producer)))
        }
        Some(decided) if decided == outcome => Err(fenced(id, producer, record)),
        Some(_) => Err(decided_otherwise(id, record.state)),
        None => Ok(Decided::nothing(Ended::As(record.producer))),
    }
}
