//! why: what may pass is taken for what may be there
//! shows: Is it open whether it was written? It was not even sent.

impl Sending for AckedSending {
    fn doubt(&self, error: &Error) -> Option<String> {
        if self.acks == Acks::All && error.code() == Some(ErrorCode::NotLeaderOrFollower) {
            return Some("a leader that is replaced says the same when it has written the records".to_owned());
        }
        error.is_retriable().then(|| error.to_string())
    }
}
