//! why: the wait is for the high watermark alone: it ends when another record is safe
//! shows: written in epoch 4, up to 6. Now: epoch 5, high watermark 3. Is the wait over? Somebody else leads: the log may be cut.

pub fn is_over(now: &Offsets, epoch: i32, end: Offset) -> bool {
    let _ = epoch;
    now.high_watermark >= end
}
