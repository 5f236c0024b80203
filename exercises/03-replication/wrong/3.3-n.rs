//! why: of an epoch that the follower has not, all goes
//! shows: It has 2, up to 4, before 5 begins (KIP-279).

pub fn truncation_point(own: &LeaderEpochs, own_end: Offset, leaders: EpochEnd) -> Offset {
    match own.entries().iter().any(|entry| entry.epoch == leaders.epoch) {
        true => own.end_of(leaders.epoch, own_end).map_or(own_end, |own| own.end).min(leaders.end).min(own_end),
        false => 0,
    }
}
