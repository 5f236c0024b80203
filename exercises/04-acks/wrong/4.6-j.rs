//! why: the trait's own answer is taken, which knows nothing of acks
//! shows: ???

impl Sending for NeverTwice {
    fn doubt(&self, error: &Error) -> Option<String> {
        error.is_in_doubt().then(|| error.to_string())
    }
}
