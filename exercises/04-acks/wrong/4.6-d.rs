//! why: a leader that was replaced is feared with acks=1 as well, where it cannot have written
//! shows: With acks=1 nobody waits after the write: who says this has not written.

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.sending.again(error, attempts)
            && self.sending.doubt(error).is_none()
            && error.code() != Some(partitioning::ErrorCode::NotLeaderOrFollower)
    }
}
