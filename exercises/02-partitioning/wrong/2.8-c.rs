//! why: the policy is applied at once, and so an offset is given up that another broker holds
//! shows: earliest: what the log holds in place of 5 must be known first

impl Cursor {
    pub fn on_out_of_range(&mut self) {
        if let State::At(_) = self.state {
            self.state = match self.policy {
                AutoOffsetReset::Earliest => State::Awaiting(Sought::Beginning),
                AutoOffsetReset::Latest => State::Awaiting(Sought::End),
                AutoOffsetReset::None => State::Failed(Failure::NeverSet),
            };
        }
    }
}
