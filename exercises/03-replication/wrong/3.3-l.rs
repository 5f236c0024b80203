//! why: the log may end before
//! shows: the follower has [1, 1, 1]; the leader says: epoch 5 ends at 9. The follower ends before that.

pub fn truncation_point(own: &LeaderEpochs, own_end: Offset, leaders: EpochEnd) -> Offset {
    let here = own.end_of(leaders.epoch, own_end).map_or(leaders.end, |own| own.end);
    here.min(leaders.end)
}
