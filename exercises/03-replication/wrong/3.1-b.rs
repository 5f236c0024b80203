//! why: it goes back when a shorter log counts
//! shows: it stood at 5, and somebody who counts has only 3: it stays

pub fn leader_high_watermark(
    own: Offset,
    counted: impl IntoIterator<Item = Option<Offset>>,
    in_sync: usize,
    min_in_sync: usize,
) -> Offset {
    if in_sync < min_in_sync {
        return own;
    }
    let mut shortest: Option<Offset> = None;
    for end in counted {
        let Some(end) = end else { return own };
        shortest = Some(shortest.map_or(end, |shortest| shortest.min(end)));
    }
    shortest.unwrap_or(own)
}
