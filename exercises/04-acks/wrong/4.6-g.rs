//! why: a broker that cannot be reached is taken for one that may have written
//! shows: ???

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.sending.again(error, attempts) && self.sending.doubt(error).is_none() && error.code().is_some()
    }
}
