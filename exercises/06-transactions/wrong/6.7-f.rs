//! why: a doubt comes before the word
//! shows: A doubt about an earlier attempt does not change that

pub fn of_part(error: &Error) -> Kind {
    match error.code() {
        _ if error.is_in_doubt() || error.is_retriable() => Kind::Retriable,
        Some(ErrorCode::InvalidProducerIdMapping | ErrorCode::UnsupportedVersion) => Kind::Fatal,
        _ => Kind::Abortable,
    }
}
