//! why: an epoch without numbers takes any
//! shows: A marker (stage 06) has said the epoch, and had no number.

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
    let is_it = |seen: &&super::Seen| (seen.first, seen.last) == (batch.first, batch.last);
    if let Some(seen) = known.remembered().find(is_it) {
        return Judgement::Duplicate(seen.at);
    }
    known.last().map_or(Judgement::Next, |last| expect(plus(last, 1), batch))
}
