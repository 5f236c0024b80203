//! why: a doubt comes before the word: who is fenced asks for ever
//! shows: A doubt about an earlier attempt does not change that

pub fn of_end(error: &Error) -> Kind {
    match error.code() {
        _ if error.is_in_doubt() => Kind::Retriable,
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
