//! why: any refusal of acks=all leaves it open: also those that say that nothing was written
//! shows: acks=all, an attempt has failed: the test says so (NOT_ENOUGH_REPLICAS). Is it open whether it was written? Nothing was written.

impl Sending for AckedSending {
    fn doubt(&self, error: &Error) -> Option<String> {
        if self.acks == Acks::All && error.code().is_some() {
            return Some("a leader that is replaced says the same when it has written the records".to_owned());
        }
        error.is_in_doubt().then(|| error.to_string())
    }
}
