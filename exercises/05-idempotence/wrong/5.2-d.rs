//! why: the first number alone is compared: a longer batch passes for a retry of a shorter one
//! shows: A producer sends a batch again as it was.

pub fn judge(known: Option<&Producer>, batch: &Numbered, unknown: Unknown) -> Judgement {
    let Some(known) = known else {
        return match unknown {
            Unknown::TakesAny => Judgement::Next,
            Unknown::FromZero => expect(0, batch),
        };
    };
    if batch.epoch < known.epoch() {
        return Judgement::OldEpoch { current: known.epoch() };
    }
    if batch.epoch > known.epoch() {
        return expect(0, batch);
    }
    let is_it = |seen: &&super::Seen| seen.first == batch.first;
    if let Some(seen) = known.remembered().find(is_it) {
        return Judgement::Duplicate(seen.at);
    }
    expect(known.last().map_or(0, |last| plus(last, 1)), batch)
}
