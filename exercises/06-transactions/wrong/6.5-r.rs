//! why: a producer gets the epoch that is for markers alone
//! shows: is for markers, and no producer gets it

fn answer_again(id: &str, producer: Identity, record: &TransactionRecord, outcome: Outcome) -> Ruling<Ended> {
    match record.state.outcome() {
        Some(decided) if decided == outcome && record.state.is_prepared() => Err(concurrent(id, record.state)),
        Some(decided) if decided == outcome => {
            Ok(Decided::nothing(Ended::As(record.producer)))
        }
        Some(_) => Err(decided_otherwise(id, record.state)),
        None => Err(fenced(id, producer, record)),
    }
}
