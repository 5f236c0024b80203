//! why: only the first attempt is judged: later ones are sent again whatever happened
//! shows: ???

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.sending.again(error, attempts) && (attempts > 1 || self.sending.doubt(error).is_none())
    }
}
