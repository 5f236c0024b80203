//! why: it is over when too few are in sync: the producer is told so while they may come back
//! shows: ???

pub fn is_over(now: &Offsets, epoch: i32, end: Offset) -> bool {
    now.leader_epoch != epoch || now.high_watermark >= end || now.in_sync < now.min_in_sync
}
