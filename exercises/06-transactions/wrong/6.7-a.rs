//! why: whoever hears of another epoch is taken for fenced: one whose time was over gives up for good
//! shows: Or the transaction took too long

pub fn of_part(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidProducerIdMapping | ErrorCode::UnsupportedVersion | ErrorCode::ProducerFenced) => Kind::Fatal,
        _ if error.is_retriable() => Kind::Retriable,
        _ => Kind::Abortable,
    }
}
