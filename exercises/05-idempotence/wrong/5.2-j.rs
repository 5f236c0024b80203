//! why: who is unknown must begin at 0, whatever the setting says
//! shows: Its state may have gone, and then it has not begun now.

pub fn judge(known: Option<&Producer>, batch: &Numbered, unknown: Unknown) -> Judgement {
    let _ = unknown;
    let Some(known) = known else {
        return expect(0, batch);
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
    expect(known.last().map_or(0, |last| plus(last, 1)), batch)
}
