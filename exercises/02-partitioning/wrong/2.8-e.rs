//! why: an answer that nobody waits for any more overwrites what a seek has set
//! shows: nor if the log does not hold the offset: whether it does shows at the next fetch

impl Cursor {
    pub fn on_found(&mut self, log: Found) {
        let sought = match self.state {
            State::Awaiting(sought) => sought,
            State::At(offset) => Sought::InsteadOf(offset),
            State::Failed(_) => return,
        };
        self.state = match sought {
            Sought::Beginning => State::At(log.start),
            Sought::End => State::At(log.end),
            Sought::Timestamp(_) => State::At(log.by_time.unwrap_or(log.end)),
            Sought::InsteadOf(asked) if (log.start..=log.end).contains(&asked) => State::At(asked),
            Sought::InsteadOf(asked) => match self.policy {
                AutoOffsetReset::Earliest => State::At(log.start),
                AutoOffsetReset::Latest => State::At(log.end),
                AutoOffsetReset::None => State::Failed(Failure::OutOfRange { asked, log }),
            },
        };
    }
}
