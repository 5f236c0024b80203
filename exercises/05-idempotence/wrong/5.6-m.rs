//! why: a gap at the end is not looked at while something is in flight
//! shows: 3 ended and is not there, and 1 and 2 are under way.

impl Run {
    fn turn_of_new(&self) -> Turn {
        let Some(first) = self.in_flight.front() else {
            return if self.tail == Gap::None { Turn::Fresh } else { Turn::Anew };
        };
        if self.in_flight.iter().any(|flight| !flight.is_under_way) {
            Turn::Wait(Why::EarlierComesBack)
        } else if self.in_flight.iter().any(|flight| flight.gap > Gap::None) {
            Turn::Wait(Why::Unresolved)
        } else if !self.is_known {
            Turn::Wait(Why::FirstGoesAlone)
        } else if self.given - first.place >= REMEMBERED as u64 {
            Turn::Wait(Why::FiveInFlight)
        } else {
            Turn::Next
        }
    }
}
