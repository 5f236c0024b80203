//! why: the epoch is not looked at: two logs of the same length are the same
//! shows: the leader has 1 1 1 2 2 4 4; the follower's last record is of epoch 2, its end 6: here epoch 2 ends at 5

pub fn judge_fetch(
    epochs: &LeaderEpochs,
    log_start: Offset,
    log_end: Offset,
    offset: Offset,
    last_epoch: Option<i32>,
) -> FetchVerdict {
    if offset < log_start {
        return FetchVerdict::OutOfRange;
    }

    let _ = (epochs, last_epoch);
    if offset <= log_end { FetchVerdict::Agrees } else { FetchVerdict::OutOfRange }
}
