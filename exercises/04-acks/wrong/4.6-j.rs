//! why: the trait's own answer is taken, which knows nothing of acks
//! shows: acks=all, the test says so (NOT_LEADER_OR_FOLLOWER): what is open is what is open for `self.sending`

impl Sending for NeverTwice {
    fn doubt(&self, error: &Error) -> Option<String> {
        error.is_in_doubt().then(|| error.to_string())
    }
}
