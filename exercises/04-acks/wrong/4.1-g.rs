//! why: the epoch comes last: an error that belongs to another leader's log is told
//! shows: written in epoch 4, up to 6. Now: epoch 5, high watermark 9, 1 in sync, 2 demanded. The same, whoever is in sync now.

pub fn verdict(at: &TopicPartition, now: &Offsets, epoch: i32, end: Offset) -> Result<(), Refusal> {
    let Offsets { in_sync, min_in_sync, .. } = *now;
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
    if now.leader_epoch != epoch {
        return Err(moved(at, end));
    }
    Ok(())
}
