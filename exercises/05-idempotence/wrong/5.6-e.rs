//! why: it is numbered anew while others are under way with their old numbers
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
        } else if flight.gap < Gap::Sure {
            Turn::Next
        } else if flight.in_doubt {
            Turn::Never
        } else {
            Turn::Anew
        }
    }
}
