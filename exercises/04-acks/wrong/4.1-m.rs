//! why: every producer needs as many as acks=all does
//! shows: acks=0, 1 in sync, 2 demanded: it is written, and promises no more than it ever did

fn enough_before(acks: Acks, before: &Offsets) -> Result<(), Refusal> {
    let Offsets { in_sync, min_in_sync, .. } = *before;
    if in_sync >= min_in_sync {
        return Ok(());
    }
    Err(ErrorCode::NotEnoughReplicas.because(format!(
        "{in_sync} of the replicas are in sync, and min.insync.replicas demands {min_in_sync} for acks=all: nothing was written"
    )))
}
