//! why: who is fenced begins the next transaction
//! shows: Another producer has the id, for good

pub fn of_end(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidTxnState | ErrorCode::ProducerFenced | ErrorCode::TransactionAbortable) => Kind::Abortable,
        Some(
            ErrorCode::InvalidProducerEpoch | ErrorCode::InvalidProducerIdMapping
            | ErrorCode::UnsupportedVersion,
        ) => Kind::Fatal,
        _ if error.is_retriable() || error.is_in_doubt() => Kind::Retriable,
        _ => Kind::Fatal,
    }
}
