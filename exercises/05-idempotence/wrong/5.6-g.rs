//! why: a gap is not looked at: it goes under a number that no log will take
//! shows: 3 is under way with its old one.

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
        } else {
            Turn::Next
        }
    }
}
