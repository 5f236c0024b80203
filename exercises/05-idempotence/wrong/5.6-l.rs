//! why: something new goes while one waits to go again
//! shows: 2 has come back. What comes behind it would find it missing.

impl Run {
    fn turn_of_new(&self) -> Turn {
        let Some(first) = self.in_flight.front() else {
            return if self.tail == Gap::None { Turn::Fresh } else { Turn::Anew };
        };
        if self.tail > Gap::None || self.in_flight.iter().any(|flight| flight.gap > Gap::None) {
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
