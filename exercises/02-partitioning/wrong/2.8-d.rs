//! why: an answer that comes late changes a position that is not asked about any more
//! shows: the end is sought, and then comes "out of range" for a place before: it changes nothing

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
