//! why: NOT_LEADER_OR_FOLLOWER is taken for what it says: nothing was written. But a leader that waited may say it
//! shows: A leader that waits for the others, and loses its place meanwhile, says the same as one who never led.

impl Sending for AckedSending {
    fn doubt(&self, error: &Error) -> Option<String> {
        error.is_in_doubt().then(|| error.to_string())
    }
}
