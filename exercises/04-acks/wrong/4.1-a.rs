//! why: the wait is for the high watermark alone: it ends when another record is safe
//! shows: ???

pub fn is_over(now: &Offsets, epoch: i32, end: Offset) -> bool {
    let _ = epoch;
    now.high_watermark >= end
}
