//! why: with `none`, the nearest offset is taken, and nobody hears of the loss
//! shows: none: 5 is not in a log of 10 to before 20, so go on nowhere

impl Cursor {
    pub fn on_found(&mut self, log: Found) {
        let State::Awaiting(sought) = self.state else { return };
        self.state = match sought {
            Sought::Beginning => State::At(log.start),
            Sought::End => State::At(log.end),
            Sought::Timestamp(_) => State::At(log.by_time.unwrap_or(log.end)),
            Sought::InsteadOf(asked) if (log.start..=log.end).contains(&asked) => State::At(asked),
            Sought::InsteadOf(asked) => match self.policy {
                AutoOffsetReset::Earliest => State::At(log.start),
                AutoOffsetReset::Latest => State::At(log.end),
                AutoOffsetReset::None => State::At(asked.clamp(log.start, log.end)),
            },
        };
    }
}
