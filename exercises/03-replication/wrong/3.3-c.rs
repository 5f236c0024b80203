//! why: the leader's start is not looked at
//! shows: the leader's log begins at 4, and it is asked for 3: that was deleted

pub fn judge_fetch(
    epochs: &LeaderEpochs,
    log_start: Offset,
    log_end: Offset,
    offset: Offset,
    last_epoch: Option<i32>,
) -> FetchVerdict {
    let _ = log_start;
    let Some(last_epoch) = last_epoch else {
        return if offset <= log_end { FetchVerdict::Agrees } else { FetchVerdict::OutOfRange };
    };

    match epochs.end_of(last_epoch, log_end) {
        None => FetchVerdict::OutOfRange,
        Some(here) if here.epoch < last_epoch || here.end < offset => FetchVerdict::Diverges(here),
        Some(_) => FetchVerdict::Agrees,
    }
}
