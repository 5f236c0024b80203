//! why: what may pass is given up
//! shows: It may pass.

pub fn of_end(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidTxnState | ErrorCode::TransactionAbortable) => Kind::Abortable,
        Some(
            ErrorCode::ProducerFenced
            | ErrorCode::InvalidProducerEpoch
            | ErrorCode::InvalidProducerIdMapping
            | ErrorCode::UnsupportedVersion,
        ) => Kind::Fatal,
        _ if error.is_in_doubt() => Kind::Retriable,
        _ => Kind::Fatal,
    }
}
