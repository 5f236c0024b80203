//! why: a doubt is not looked at: what may have been decided is given up
//! shows: only asking tells

pub fn of_end(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidTxnState | ErrorCode::TransactionAbortable) => Kind::Abortable,
        Some(
            ErrorCode::ProducerFenced
            | ErrorCode::InvalidProducerEpoch
            | ErrorCode::InvalidProducerIdMapping
            | ErrorCode::UnsupportedVersion,
        ) => Kind::Fatal,
        _ if error.is_retriable() => Kind::Retriable,
        _ => Kind::Fatal,
    }
}
