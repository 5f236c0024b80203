//! why: the log is not asked whether it holds the offset after all: a position is given up that was good
//! shows: can be read from 15 on, so nothing is reset

impl Cursor {
    pub fn on_found(&mut self, log: Found) {
        let State::Awaiting(sought) = self.state else { return };
        self.state = match sought {
            Sought::Beginning => State::At(log.start),
            Sought::End => State::At(log.end),
            Sought::Timestamp(_) => State::At(log.by_time.unwrap_or(log.end)),
            Sought::InsteadOf(asked) => match self.policy {
                AutoOffsetReset::Earliest => State::At(log.start),
                AutoOffsetReset::Latest => State::At(log.end),
                AutoOffsetReset::None => State::Failed(Failure::OutOfRange { asked, log }),
            },
        };
    }
}
