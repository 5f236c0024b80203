//! why: a gap is not looked at when nothing is in flight
//! shows: what follows a gap has number 0 of the next epoch

impl Run {
    fn turn_of_new(&self) -> Turn {
        let Some(first) = self.in_flight.front() else {
            return Turn::Fresh;
        };
        if self.in_flight.iter().any(|flight| !flight.is_under_way) {
            Turn::Wait(Why::EarlierComesBack)
        } else if self.tail > Gap::None || self.in_flight.iter().any(|flight| flight.gap > Gap::None) {
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
