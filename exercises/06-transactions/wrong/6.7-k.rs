//! why: a transaction that the coordinator has aborted ends the producer
//! shows: The next one may be

pub fn of_end(error: &Error) -> Kind {
    match error.code() {
        Some(
            ErrorCode::ProducerFenced
            | ErrorCode::InvalidProducerEpoch
            | ErrorCode::InvalidProducerIdMapping
            | ErrorCode::UnsupportedVersion,
        ) => Kind::Fatal,
        _ if error.is_retriable() || error.is_in_doubt() => Kind::Retriable,
        _ => Kind::Fatal,
    }
}
