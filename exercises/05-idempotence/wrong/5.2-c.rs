//! why: only the last batch is compared: with five under way, a retry may be any of the last five
//! shows: Each that is remembered is known.

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
    if let Some(seen) = known.remembered().next_back().filter(is_it) {
        return Judgement::Duplicate(seen.at);
    }
    expect(known.last().map_or(0, |last| plus(last, 1)), batch)
}
