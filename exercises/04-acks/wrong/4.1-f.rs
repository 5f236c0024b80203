//! why: how many are in sync is not looked at again: what one machine has is called safe
//! shows: written in epoch 4, up to 6. Now: epoch 4, high watermark 6, 1 in sync, 2 demanded. One lost disk, and it is gone.

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
