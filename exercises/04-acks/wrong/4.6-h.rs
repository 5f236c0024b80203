//! why: only the first attempt is judged: later ones are sent again whatever happened
//! shows: NOT_ENOUGH_REPLICAS; NOT_ENOUGH_REPLICAS; REQUEST_TIMED_OUT; no answer, or no way to the broker; no answer, or no way to the broker; NOT_LEADER_OR_FOLLOWER; acked

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.sending.again(error, attempts) && (attempts > 1 || self.sending.doubt(error).is_none())
    }
}
