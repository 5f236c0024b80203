//! why: what the request says of its sender is believed: one broker asks in the name of another
//! shows: 2 asks in the name of 1

fn judge_time(record: &PartitionRecord, request: &AlterPartitionRequest, from: i32) -> Result<(), Refusal> {
    let (its, epoch) = (request.leader_epoch, record.leader_epoch);
    let (knows, change) = (request.partition_epoch, record.partition_epoch);
    if its > epoch || knows > change {
        return Err(ErrorCode::NotController.because(format!(
            "broker {from} knows leader epoch {its} and change {knows}, and this controller {epoch} and {change}"
        )));
    }
    if its < epoch {
        let message = format!("broker {from} asks in leader epoch {its}, and it is {epoch} by now");
        return Err(ErrorCode::FencedLeaderEpoch.because(message));
    }
    if record.leader != Some(request.leader) {
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
