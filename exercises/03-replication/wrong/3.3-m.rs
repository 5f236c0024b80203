//! why: where that epoch begins: what both have of it goes too
//! shows: A follows B

pub fn truncation_point(own: &LeaderEpochs, own_end: Offset, leaders: EpochEnd) -> Offset {
    let begins = own.entries().iter().find(|entry| entry.epoch == leaders.epoch).map_or(0, |entry| entry.start);
    begins.min(leaders.end).min(own_end)
}
