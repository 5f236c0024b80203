//! why: the batch must be passed, and not only reached: the last record written is never acknowledged
//! shows: ???

pub fn is_over(now: &Offsets, epoch: i32, end: Offset) -> bool {
    now.leader_epoch != epoch || now.high_watermark > end
}
