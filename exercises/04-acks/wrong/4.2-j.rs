//! why: a refusal never leaves anything open: the broker has answered, so it must know
//! shows: acks=1, an attempt has failed: the test says so (REQUEST_TIMED_OUT). Is it open whether it was written? It may have been written.

impl Sending for AckedSending {
    fn doubt(&self, error: &Error) -> Option<String> {
        if self.acks == Acks::All && error.code() == Some(ErrorCode::NotLeaderOrFollower) {
            return Some("a leader that is replaced says the same when it has written the records".to_owned());
        }
        (error.is_in_doubt() && error.code().is_none()).then(|| error.to_string())
    }
}
