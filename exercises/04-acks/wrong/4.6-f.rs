//! why: only what is in doubt is sent again: the condition is turned round
//! shows: Nothing was written: so it is in the log once at most.

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.sending.again(error, attempts) && self.sending.doubt(error).is_some()
    }
}
