//! why: a newer broker epoch than the one known is good enough: lives are not ordered here, the same is meant
//! shows: an epoch that is newer than the controller's is not the same either

fn judge_members(
    record: &PartitionRecord,
    request: &AlterPartitionRequest,
    brokers: &BTreeMap<i32, BrokerRecord>,
) -> Result<(), Refusal> {
    for &(id, epoch) in &request.in_sync {
        let rule = match brokers.get(&id) {
            None => "has not registered".to_owned(),
            Some(broker) if broker.fenced => "is fenced".to_owned(),
            Some(broker) if broker.stopping => "is about to stop".to_owned(),
            Some(_) if epoch == -1 && record.in_sync.contains(&id) => continue,
            Some(broker) if broker.epoch <= epoch => continue,
            Some(broker) => format!("is in epoch {}, and the leader knows {epoch}", broker.epoch),
        };
        return Err(ErrorCode::IneligibleReplica.because(format!("broker {id} cannot be in sync: it {rule}")));
    }
    Ok(())
}
