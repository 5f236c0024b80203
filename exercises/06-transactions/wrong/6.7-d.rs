//! why: an id that is not known any more spoils one transaction after the other
//! shows: No other transaction would go better

pub fn of_part(error: &Error) -> Kind {
    match error.code() {
        _ if error.is_retriable() => Kind::Retriable,
        _ => Kind::Abortable,
    }
}
