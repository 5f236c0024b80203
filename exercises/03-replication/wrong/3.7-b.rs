//! why: the partition epoch is not looked at: what was asked before the last change changes it back
//! shows: it knows change 19, and there is change 20

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
    if request.leader != from || record.leader != Some(from) {
        let leader = record.leader.map_or("nobody".to_owned(), |leader| format!("broker {leader}"));
        let message = format!("broker {from} asks for broker {}, and {leader} leads", request.leader);
        return Err(ErrorCode::InvalidRequest.because(message));
    }
    Ok(())
}
