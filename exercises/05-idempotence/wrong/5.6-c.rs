//! why: what has come back goes in any order
//! shows: 1 has come back too, and goes before it.

impl Run {
    pub(super) fn turn(&self, number: u64) -> Turn {
        let Some(position) = self.position(number) else { return self.turn_of_new() };
        let flight = &self.in_flight[position];
        let is_under_way = |flight: &Flight| flight.is_under_way;
        if flight.is_left_behind {
            Turn::Never
        } else if self.in_flight.iter().take(position).any(is_under_way) {
            Turn::Wait(Why::EarlierUnderWay)
        } else if flight.gap < Gap::Sure {
            Turn::Next
        } else if flight.in_doubt {
            Turn::Never
        } else if self.in_flight.iter().any(is_under_way) {
            Turn::Wait(Why::Unresolved)
        } else {
            Turn::Anew
        }
    }
}
