//! why: only what is too new is refused: a follower that still believes in an earlier leadership is counted
//! shows: the leader is in epoch 4, and is asked as the leader of epoch 3: that epoch is over

impl<F: Fold> Replica<F> {
    fn judge_epoch(&self, mine: i32, asked: i32) -> Result<(), Refusal> {
        if asked > mine {
            let message = format!("{} is led in epoch {mine} here, and epoch {asked} is not known yet", self.at);
            return Err(ErrorCode::UnknownLeaderEpoch.because(message));
        }
        Ok(())
    }
}
