//! why: what is open is told without a word of what has happened
//! shows: what is said of it is what has happened: the error's own words

impl Sending for AckedSending {
    fn doubt(&self, error: &Error) -> Option<String> {
        if self.acks == Acks::All && error.code() == Some(ErrorCode::NotLeaderOrFollower) {
            return Some("a leader that is replaced says the same when it has written the records".to_owned());
        }
        error.is_in_doubt().then(|| "it may be in the log".to_owned())
    }
}
