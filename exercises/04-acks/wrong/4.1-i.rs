//! why: that the time is over is not looked at: safe is said of what is not committed
//! shows: Enough are in sync, and not all of them have it.

pub fn verdict(at: &TopicPartition, now: &Offsets, epoch: i32, end: Offset) -> Result<(), Refusal> {
    let Offsets { in_sync, min_in_sync, .. } = *now;
    if now.leader_epoch != epoch {
        return Err(moved(at, end));
    }
    if in_sync < min_in_sync {
        return Err(ErrorCode::NotEnoughReplicasAfterAppend.because(format!(
            "{at} is written up to offset {end}, and by now {in_sync} of the replicas are in sync, while min.insync.replicas \
             demands {min_in_sync}"
        )));
    }
    Ok(())
}
