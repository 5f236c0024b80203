//! why: after the append it is the same error as before it: the producer takes a record for unwritten that is in the log
//! shows: written in epoch 4, up to 6. Now: epoch 4, high watermark 6, 1 in sync, 2 demanded. One lost disk, and it is gone.

pub fn verdict(at: &TopicPartition, now: &Offsets, epoch: i32, end: Offset) -> Result<(), Refusal> {
    let Offsets { in_sync, min_in_sync, .. } = *now;
    if now.leader_epoch != epoch {
        return Err(moved(at, end));
    }
    if in_sync < min_in_sync {
        return Err(ErrorCode::NotEnoughReplicas.because(format!(
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
