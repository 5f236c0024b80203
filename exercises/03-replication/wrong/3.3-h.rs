//! why: the leader's offset alone, as in KIP-101: the follower may have less of that epoch
//! shows: The follower has less of it: it has written in 3 behind it.

pub fn truncation_point(own: &LeaderEpochs, own_end: Offset, leaders: EpochEnd) -> Offset {
    let _ = own;
    leaders.end.min(own_end)
}
