//! why: the two codes are mixed up: who is behind waits, and who is ahead looks for a newer leader
//! shows: the leader is in epoch 4, and is asked as the leader of epoch 3: that epoch is over

impl<F: Fold> Replica<F> {
    fn judge_epoch(&self, mine: i32, asked: i32) -> Result<(), Refusal> {
        match asked.cmp(&mine) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(ErrorCode::FencedLeaderEpoch
                .because(format!("{} is led in epoch {mine}, and epoch {asked} is over", self.at))),
            std::cmp::Ordering::Less => Err(ErrorCode::UnknownLeaderEpoch
                .because(format!("{} is led in epoch {mine} here, and epoch {asked} is not known yet", self.at))),
        }
    }
}
