//! why: any refusal of acks=all leaves it open: also those that say that nothing was written
//! shows: ???

impl Sending for AckedSending {
    fn doubt(&self, error: &Error) -> Option<String> {
        if self.acks == Acks::All && error.code().is_some() {
            return Some("a leader that is replaced says the same when it has written the records".to_owned());
        }
        error.is_in_doubt().then(|| error.to_string())
    }
}
