//! why: a doubt comes before the word
//! shows: Without this part the transaction is not whole

pub fn of_part(error: &Error) -> Kind {
    match error.code() {
        _ if error.is_in_doubt() || error.is_retriable() => Kind::Retriable,
        Some(ErrorCode::InvalidProducerIdMapping | ErrorCode::UnsupportedVersion) => Kind::Fatal,
        _ => Kind::Abortable,
    }
}
