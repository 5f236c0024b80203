//! why: any other epoch is over: the one who knows more is told that he knows less
//! shows: here sits a leader whose time may be over

impl<F: Fold> Replica<F> {
    fn judge_epoch(&self, mine: i32, asked: i32) -> Result<(), Refusal> {
        if asked == mine {
            return Ok(());
        }
        let message = format!("{} is led in epoch {mine}, and not in epoch {asked}", self.at);
        Err(ErrorCode::FencedLeaderEpoch.because(message))
    }
}
