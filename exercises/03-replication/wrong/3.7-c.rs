//! why: the leader epoch is not looked at: whoever led before changes the list
//! shows: asked in epoch 4, and it is 5 by now

fn judge_time(record: &PartitionRecord, request: &AlterPartitionRequest, from: i32) -> Result<(), Refusal> {
    let (its, epoch) = (request.leader_epoch, record.leader_epoch);
    let (knows, change) = (request.partition_epoch, record.partition_epoch);
    if its > epoch || knows > change {
        return Err(ErrorCode::NotController.because(format!(
            "broker {from} knows leader epoch {its} and change {knows}, and this controller {epoch} and {change}"
        )));
    }
    if request.leader != from || record.leader != Some(from) {
        let leader = record.leader.map_or("nobody".to_owned(), |leader| format!("broker {leader}"));
        let message = format!("broker {from} asks for broker {}, and {leader} leads", request.leader);
        return Err(ErrorCode::InvalidRequest.because(message));
    }
    if knows < change {
        let message = format!("broker {from} knows change {knows} of the partition, and there is change {change}");
        return Err(ErrorCode::InvalidUpdateVersion.because(message));
    }
    Ok(())
}
