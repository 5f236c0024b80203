//! why: a time that no record has reached leads to the beginning, and everything is read again
//! shows: a time that no record has reached is the log's end

impl Cursor {
    pub fn on_found(&mut self, log: Found) {
        let State::Awaiting(sought) = self.state else { return };
        self.state = match sought {
            Sought::Beginning => State::At(log.start),
            Sought::End => State::At(log.end),
            Sought::Timestamp(_) => State::At(log.by_time.unwrap_or(log.start)),
            Sought::InsteadOf(asked) if (log.start..=log.end).contains(&asked) => State::At(asked),
            Sought::InsteadOf(asked) => match self.policy {
                AutoOffsetReset::Earliest => State::At(log.start),
                AutoOffsetReset::Latest => State::At(log.end),
                AutoOffsetReset::None => State::Failed(Failure::OutOfRange { asked, log }),
            },
        };
    }
}
