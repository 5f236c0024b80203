//! why: NOT_LEADER_OR_FOLLOWER leaves it open with all acks: with acks=1 nobody waits after the write
//! shows: Nobody waits after the write. Who says this has not written.

impl Sending for AckedSending {
    fn doubt(&self, error: &Error) -> Option<String> {
        if error.code() == Some(ErrorCode::NotLeaderOrFollower) {
            return Some("a leader that is replaced says the same when it has written the records".to_owned());
        }
        error.is_in_doubt().then(|| error.to_string())
    }
}
