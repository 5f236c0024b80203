//! why: a position goes wherever it is told, also back: records would come twice
//! shows: at 18, all before 16 is taken: still at 18

impl Cursor {
    pub fn advance(&mut self, next: Offset) {
        if let State::At(_) = self.state {
            self.state = State::At(next);
        }
    }
}
