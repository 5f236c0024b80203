//! why: what lies before the start is sent to the start, and what lies behind the end to the end, whatever the policy
//! shows: latest: 5 is not in a log of 10 to before 20, so go on at 20

impl Cursor {
    pub fn on_found(&mut self, log: Found) {
        let State::Awaiting(sought) = self.state else { return };
        self.state = match sought {
            Sought::Beginning => State::At(log.start),
            Sought::End => State::At(log.end),
            Sought::Timestamp(_) => State::At(log.by_time.unwrap_or(log.end)),
            Sought::InsteadOf(asked) if (log.start..=log.end).contains(&asked) => State::At(asked),
            Sought::InsteadOf(asked) => match self.policy {
                AutoOffsetReset::Earliest if asked < log.start => State::At(log.start),
                AutoOffsetReset::Latest if asked < log.start => State::At(log.start),
                AutoOffsetReset::Earliest | AutoOffsetReset::Latest => State::At(log.end),
                AutoOffsetReset::None => State::Failed(Failure::OutOfRange { asked, log }),
            },
        };
    }
}
