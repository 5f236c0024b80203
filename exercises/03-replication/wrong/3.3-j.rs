//! why: the longer of the two
//! shows: the follower has [1, 1, 1, 2, 2, 2, 2]; the leader says: epoch 2 ends at 5. The leader has less of it.

pub fn truncation_point(own: &LeaderEpochs, own_end: Offset, leaders: EpochEnd) -> Offset {
    let here = own.end_of(leaders.epoch, own_end).map_or(own_end, |own| own.end);
    here.max(leaders.end).min(own_end)
}
