//! why: too few in sync are told only if the batch is committed: else the producer hears that the time is over, which says less
//! shows: The time is over, and it is not committed. This says more than that.

pub fn verdict(at: &TopicPartition, now: &Offsets, epoch: i32, end: Offset) -> Result<(), Refusal> {
    let Offsets { in_sync, min_in_sync, .. } = *now;
    if now.leader_epoch != epoch {
        return Err(moved(at, end));
    }
    if now.high_watermark < end {
        return Err(ErrorCode::RequestTimedOut.because(format!(
            "{at} is written up to offset {end}, and not all replicas in sync have it in the time that the request gives"
        )));
    }
    if in_sync < min_in_sync {
        return Err(ErrorCode::NotEnoughReplicasAfterAppend.because(format!(
            "{at} is written up to offset {end}, and by now {in_sync} of the replicas are in sync, while min.insync.replicas \
             demands {min_in_sync}"
        )));
    }
    Ok(())
}
