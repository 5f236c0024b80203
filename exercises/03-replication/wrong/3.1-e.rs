//! why: as many as are demanded are too few
//! shows: one replica in sync, and one is enough: its end, 7

pub fn leader_high_watermark(
    own: Offset,
    counted: impl IntoIterator<Item = Option<Offset>>,
    in_sync: usize,
    min_in_sync: usize,
) -> Offset {
    if in_sync <= min_in_sync {
        return own;
    }
    let mut shortest: Option<Offset> = None;
    for end in counted {
        let Some(end) = end else { return own };
        shortest = Some(shortest.map_or(end, |shortest| shortest.min(end)));
    }
    shortest.map_or(own, |shortest| own.max(shortest))
}
