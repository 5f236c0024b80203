//! why: the longer of the two
//! shows: B follows A, when A leads again

pub fn truncation_point(own: &LeaderEpochs, own_end: Offset, leaders: EpochEnd) -> Offset {
    let here = own.end_of(leaders.epoch, own_end).map_or(own_end, |own| own.end);
    here.max(leaders.end).min(own_end)
}
