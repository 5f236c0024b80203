//! why: the higher of the two
//! shows: the leader says 4, and the follower has all before 7: 4 is committed

pub fn follower_high_watermark(leaders: Offset, own_end: Offset) -> Offset {
    leaders.max(own_end)
}
