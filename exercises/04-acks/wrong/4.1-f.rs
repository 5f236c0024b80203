//! why: how many are in sync is not looked at again: what one machine has is called safe
//! shows: ???

pub fn verdict(at: &TopicPartition, now: &Offsets, epoch: i32, end: Offset) -> Result<(), Refusal> {
    if now.leader_epoch != epoch {
        return Err(moved(at, end));
    }
    if now.high_watermark < end {
        return Err(ErrorCode::RequestTimedOut.because(format!(
            "{at} is written up to offset {end}, and not all replicas in sync have it in the time that the request gives"
        )));
    }
    Ok(())
}
