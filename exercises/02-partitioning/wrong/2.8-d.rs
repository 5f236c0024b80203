//! why: an answer that comes late changes a position that is not asked about any more
//! shows: a failed position does not ask

impl Cursor {
    pub fn on_out_of_range(&mut self) {
        let offset = match self.state {
            State::At(offset) => offset,
            State::Awaiting(Sought::InsteadOf(offset)) => offset,
            _ => 0,
        };
        self.state = State::Awaiting(Sought::InsteadOf(offset));
    }
}
