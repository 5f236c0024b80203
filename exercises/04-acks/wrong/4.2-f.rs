//! why: only refusals are sent again, and no broker that is down is waited for
//! shows: retries=5, attempt 1 has failed: cannot reach broker-1:9092: connection refused. Again? The broker may come back.

impl Sending for AckedSending {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        error.code().is_some_and(ErrorCode::is_retriable) && attempts <= self.retries
    }
}
