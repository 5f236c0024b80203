//! why: it is answered before all markers are written, and the producer goes on too soon
//! shows: and not all markers are written: ask again

fn answer_again(id: &str, producer: Identity, record: &TransactionRecord, outcome: Outcome) -> Ruling<Ended> {
    match record.state.outcome() {
        Some(decided) if decided == outcome && record.producer.epoch <= LAST_EPOCH => {
            Ok(Decided::nothing(Ended::As(record.producer)))
        }
        Some(decided) if decided == outcome => Err(fenced(id, producer, record)),
        Some(_) => Err(decided_otherwise(id, record.state)),
        None => Err(fenced(id, producer, record)),
    }
}
