//! why: the epoch is not looked at: the late copy of an old epoch passes for a batch of the new one
//! shows: an old epoch, 3 is the current one

pub fn judge(known: Option<&Producer>, batch: &Numbered, unknown: Unknown) -> Judgement {
    let Some(known) = known else {
        return match unknown {
            Unknown::TakesAny => Judgement::Next,
            Unknown::FromZero => expect(0, batch),
        };
    };
    let is_it = |seen: &&super::Seen| (seen.first, seen.last) == (batch.first, batch.last);
    if let Some(seen) = known.remembered().find(is_it) {
        return Judgement::Duplicate(seen.at);
    }
    expect(known.last().map_or(0, |last| plus(last, 1)), batch)
}
