//! why: the epoch is not looked at: safe is said of a record that was cut off
//! shows: The log may have been cut. What lies before 6 may be another's.

pub fn verdict(at: &TopicPartition, now: &Offsets, epoch: i32, end: Offset) -> Result<(), Refusal> {
    let Offsets { in_sync, min_in_sync, .. } = *now;
    let _ = epoch;
    if in_sync < min_in_sync {
        return Err(ErrorCode::NotEnoughReplicasAfterAppend.because(format!(
            "{at} is written up to offset {end}, and by now {in_sync} of the replicas are in sync, while min.insync.replicas \
             demands {min_in_sync}"
        )));
    }
    if now.high_watermark < end {
        return Err(ErrorCode::RequestTimedOut.because(format!(
            "{at} is written up to offset {end}, and not all replicas in sync have it in the time that the request gives"
        )));
    }
    Ok(())
}
