//! why: more than must be are demanded
//! shows: acks=all, 2 in sync, 2 demanded: as many as are demanded are enough

fn enough_before(acks: Acks, before: &Offsets) -> Result<(), Refusal> {
    let Offsets { in_sync, min_in_sync, .. } = *before;
    if acks != Acks::All || in_sync > min_in_sync {
        return Ok(());
    }
    Err(ErrorCode::NotEnoughReplicas.because(format!(
        "{in_sync} of the replicas are in sync, and min.insync.replicas demands {min_in_sync} for acks=all: nothing was written"
    )))
}
