//! why: a doubtful gap is taken for a sure one
//! shows: 1 may be there. If it is, 2 fits, under the number that it has.

impl Run {
    pub(super) fn turn(&self, number: u64) -> Turn {
        let Some(position) = self.position(number) else { return self.turn_of_new() };
        let flight = &self.in_flight[position];
        let is_under_way = |flight: &Flight| flight.is_under_way;
        if flight.is_left_behind {
            Turn::Never
        } else if self.in_flight.iter().take(position).any(is_under_way) {
            Turn::Wait(Why::EarlierUnderWay)
        } else if position > 0 {
            Turn::Wait(Why::EarlierComesBack)
        } else if flight.gap == Gap::None {
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
