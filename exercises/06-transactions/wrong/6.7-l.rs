//! why: an end that can never be spoils the transaction, and so does its abort
//! shows: cannot be followed by another

pub fn of_end(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidTxnState | ErrorCode::TransactionAbortable) => Kind::Abortable,
        Some(
            ErrorCode::ProducerFenced
            | ErrorCode::InvalidProducerEpoch
            | ErrorCode::InvalidProducerIdMapping
            | ErrorCode::UnsupportedVersion,
        ) => Kind::Fatal,
        _ if error.is_retriable() || error.is_in_doubt() => Kind::Retriable,
        _ => Kind::Abortable,
    }
}
