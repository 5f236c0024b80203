//! why: -1 is an epoch like any other: a leader that does not know a member's epoch can never change the list
//! shows: 2 is in sync already: -1 will do

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
            Some(broker) if broker.epoch == epoch => continue,
            Some(broker) => format!("is in epoch {}, and the leader knows {epoch}", broker.epoch),
        };
        return Err(ErrorCode::IneligibleReplica.because(format!("broker {id} cannot be in sync: it {rule}")));
    }
    Ok(())
}
