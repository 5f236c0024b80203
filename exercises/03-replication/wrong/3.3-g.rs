//! why: an offset beyond the log is out of range, whatever the epochs say
//! shows: the leader has 1 1 1 2 2 4 4; the follower's last record is of epoch 2, its end 60: here epoch 2 ends at 5

pub fn judge_fetch(
    epochs: &LeaderEpochs,
    log_start: Offset,
    log_end: Offset,
    offset: Offset,
    last_epoch: Option<i32>,
) -> FetchVerdict {
    if offset < log_start || offset > log_end {
        return FetchVerdict::OutOfRange;
    }
    let Some(last_epoch) = last_epoch else { return FetchVerdict::Agrees };
    match epochs.end_of(last_epoch, log_end) {
        None => FetchVerdict::OutOfRange,
        Some(here) if here.epoch < last_epoch || here.end < offset => FetchVerdict::Diverges(here),
        Some(_) => FetchVerdict::Agrees,
    }
}
