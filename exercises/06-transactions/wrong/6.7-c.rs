//! why: one record that does not fit ends the producer
//! shows: Without this part the transaction is not whole

pub fn of_part(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidProducerIdMapping | ErrorCode::UnsupportedVersion) => Kind::Fatal,
        _ if error.is_retriable() => Kind::Retriable,
        _ => Kind::Fatal,
    }
}
