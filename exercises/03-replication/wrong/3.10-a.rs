//! why: only what is old is refused: but the old one may be the leader that is asked (the first fix that comes to mind)
//! shows: here sits a leader whose time may be over

impl<F: Fold> Replica<F> {
    fn judge_epoch(&self, mine: i32, asked: i32) -> Result<(), Refusal> {
        if asked < mine {
            let message = format!("{} is led in epoch {mine}, and epoch {asked} is over", self.at);
            return Err(ErrorCode::FencedLeaderEpoch.because(message));
        }
        Ok(())
    }
}
