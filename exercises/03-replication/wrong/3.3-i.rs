//! why: the follower's own end of that epoch alone
//! shows: the leader has 0 2 4, the follower 0 1 3: two questions, and each cut is one that had to be

pub fn truncation_point(own: &LeaderEpochs, own_end: Offset, leaders: EpochEnd) -> Offset {
    own.end_of(leaders.epoch, own_end).map_or(own_end, |own| own.end).min(own_end)
}
