//! why: a refusal never leaves anything open: the broker has answered, so it must know
//! shows: ???

impl Sending for AckedSending {
    fn doubt(&self, error: &Error) -> Option<String> {
        if self.acks == Acks::All && error.code() == Some(ErrorCode::NotLeaderOrFollower) {
            return Some("a leader that is replaced says the same when it has written the records".to_owned());
        }
        (error.is_in_doubt() && error.code().is_none()).then(|| error.to_string())
    }
}
