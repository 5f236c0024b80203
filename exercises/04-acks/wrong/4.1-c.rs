//! why: only a later epoch counts as another one
//! shows: written in epoch 4, up to 6. Now: epoch 3, high watermark 3. Is the wait over? An earlier epoch is not the same either.

pub fn is_over(now: &Offsets, epoch: i32, end: Offset) -> bool {
    now.leader_epoch > epoch || now.high_watermark >= end
}
