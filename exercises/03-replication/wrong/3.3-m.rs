//! why: where that epoch begins: what both have of it goes too
//! shows: the follower has [1, 1, 1, 2, 2, 2, 2]; the leader says: epoch 2 ends at 5. The leader has less of it.

pub fn truncation_point(own: &LeaderEpochs, own_end: Offset, leaders: EpochEnd) -> Offset {
    let begins = own.entries().iter().find(|entry| entry.epoch == leaders.epoch).map_or(0, |entry| entry.start);
    begins.min(leaders.end).min(own_end)
}
