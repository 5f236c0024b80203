//! why: only the offsets are compared: another epoch at the same offset is not noticed
//! shows: the leader has 1 1 1 2 2 4 4; the follower's last record is of epoch 3, its end 5: where the follower ends makes no difference: that record is not here

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

    let Some(last_epoch) = last_epoch else {
        return if offset <= log_end { FetchVerdict::Agrees } else { FetchVerdict::OutOfRange };
    };

    match epochs.end_of(last_epoch, log_end) {
        None => FetchVerdict::OutOfRange,
        Some(here) if here.end < offset => FetchVerdict::Diverges(here),
        Some(_) => FetchVerdict::Agrees,
    }
}
