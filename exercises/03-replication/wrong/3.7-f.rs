//! why: a later change that the leader knows is not noticed
//! shows: a change that this controller does not know comes before all else

fn judge_time(record: &PartitionRecord, request: &AlterPartitionRequest, from: i32) -> Result<(), Refusal> {
    let (its, epoch) = (request.leader_epoch, record.leader_epoch);
    let (knows, change) = (request.partition_epoch, record.partition_epoch);
    if its > epoch {
        return Err(ErrorCode::NotController.because(format!(
            "broker {from} knows leader epoch {its} and change {knows}, and this controller {epoch} and {change}"
        )));
    }
    if its < epoch {
        let message = format!("broker {from} asks in leader epoch {its}, and it is {epoch} by now");
        return Err(ErrorCode::FencedLeaderEpoch.because(message));
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
