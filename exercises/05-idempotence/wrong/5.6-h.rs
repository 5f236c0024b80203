//! why: the first batch does not go alone: the log may take the second one for the first
//! shows: The log knows nothing of this producer yet, and may take any number from it.

impl Run {
    fn turn_of_new(&self) -> Turn {
        let Some(first) = self.in_flight.front() else {
            return if self.tail == Gap::None { Turn::Fresh } else { Turn::Anew };
        };
        if self.in_flight.iter().any(|flight| !flight.is_under_way) {
            Turn::Wait(Why::EarlierComesBack)
        } else if self.tail > Gap::None || self.in_flight.iter().any(|flight| flight.gap > Gap::None) {
            Turn::Wait(Why::Unresolved)
        } else if self.given - first.place >= REMEMBERED as u64 {
            Turn::Wait(Why::FiveInFlight)
        } else {
            Turn::Next
        }
    }
}
