//! why: a broker that cannot be reached is taken for one that may have written
//! shows: acks=1, retries=5, attempt 3 has failed: cannot reach broker-1:9092: connection refused. Again? It was not even sent.

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.sending.again(error, attempts) && self.sending.doubt(error).is_none() && error.code().is_some()
    }
}
