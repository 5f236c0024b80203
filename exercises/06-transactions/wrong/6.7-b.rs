//! why: the same for the word of a partition's leader
//! shows: Or the transaction took too long

pub fn of_part(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidProducerIdMapping | ErrorCode::UnsupportedVersion | ErrorCode::InvalidProducerEpoch) => Kind::Fatal,
        _ if error.is_retriable() => Kind::Retriable,
        _ => Kind::Abortable,
    }
}
