//! why: only a later epoch counts as another one
//! shows: ???

pub fn is_over(now: &Offsets, epoch: i32, end: Offset) -> bool {
    now.leader_epoch > epoch || now.high_watermark >= end
}
