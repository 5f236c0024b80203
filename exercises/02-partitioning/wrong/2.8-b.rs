//! why: a position that is being looked up is overwritten by records that were taken before the seek
//! shows: a position that is being looked up is not moved by records

impl Cursor {
    pub fn advance(&mut self, next: Offset) {
        let before = match self.state {
            State::At(offset) => offset,
            _ => 0,
        };
        self.state = State::At(before.max(next));
    }
}
