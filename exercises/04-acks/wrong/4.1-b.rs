//! why: the batch must be passed, and not only reached: the last record written is never acknowledged
//! shows: written in epoch 4, up to 6. Now: epoch 4, high watermark 6. Is the wait over? All have it.

pub fn is_over(now: &Offsets, epoch: i32, end: Offset) -> bool {
    now.leader_epoch != epoch || now.high_watermark > end
}
