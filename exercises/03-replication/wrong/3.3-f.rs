//! why: of an epoch that nobody here has heard of, the end of the log is said
//! shows: the leader has 1 1 1 2 2 4 4; the follower's last record is of epoch 5, its end 7: the leader knows of no epoch 5

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
        None => FetchVerdict::Diverges(EpochEnd { epoch: last_epoch, end: log_end }),
        Some(here) if here.epoch < last_epoch || here.end < offset => FetchVerdict::Diverges(here),
        Some(_) => FetchVerdict::Agrees,
    }
}
