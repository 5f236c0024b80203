//! why: the error is asked, which knows nothing of acks: a leader that was replaced may have written the record
//! shows: It may have lost its place while it waited for the others, with the record in its log.

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.sending.again(error, attempts) && !error.is_in_doubt()
    }
}
