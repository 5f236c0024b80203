//! why: it is over when too few are in sync: the producer is told so while they may come back
//! shows: written in epoch 4, up to 6. Now: epoch 4, high watermark 5. Is the wait over? Not all have it, however few are in sync.

pub fn is_over(now: &Offsets, epoch: i32, end: Offset) -> bool {
    now.leader_epoch != epoch || now.high_watermark >= end || now.in_sync < now.min_in_sync
}
