//! why: what no broker has said is fatal
//! shows: and no broker has said it

pub fn of_part(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidProducerIdMapping | ErrorCode::UnsupportedVersion) => Kind::Fatal,
        None if !error.is_retriable() => Kind::Fatal,
        _ if error.is_retriable() => Kind::Retriable,
        _ => Kind::Abortable,
    }
}
