//! why: what may pass spoils the transaction
//! shows: It may pass.

pub fn of_part(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidProducerIdMapping | ErrorCode::UnsupportedVersion) => Kind::Fatal,
        _ => Kind::Abortable,
    }
}
