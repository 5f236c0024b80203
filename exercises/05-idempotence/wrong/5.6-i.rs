//! why: what is in flight is counted, and not what was numbered since the first of it
//! shows: With 6, the broker would not know 1 again.

impl Run {
    fn turn_of_new(&self) -> Turn {
        if self.in_flight.is_empty() {
            return if self.tail == Gap::None { Turn::Fresh } else { Turn::Anew };
        }
        if self.in_flight.iter().any(|flight| !flight.is_under_way) {
            Turn::Wait(Why::EarlierComesBack)
        } else if self.tail > Gap::None || self.in_flight.iter().any(|flight| flight.gap > Gap::None) {
            Turn::Wait(Why::Unresolved)
        } else if !self.is_known {
            Turn::Wait(Why::FirstGoesAlone)
        } else if self.in_flight.len() >= REMEMBERED {
            Turn::Wait(Why::FiveInFlight)
        } else {
            Turn::Next
        }
    }
}
