//! why: one record less, to be safe: what all have is then never committed
//! shows: the leader says 9, and the follower has all before 7: what it does not have, it cannot call committed

pub fn follower_high_watermark(leaders: Offset, own_end: Offset) -> Offset {
    leaders.min(own_end - 1).max(0)
}
