//! why: the longest log decides: what one replica has is called committed
//! shows: ends 5, 4 and 3: up to 3 all have it

pub fn leader_high_watermark(
    own: Offset,
    counted: impl IntoIterator<Item = Option<Offset>>,
    in_sync: usize,
    min_in_sync: usize,
) -> Offset {
    if in_sync < min_in_sync {
        return own;
    }
    let mut longest: Option<Offset> = None;
    for end in counted {
        let Some(end) = end else { return own };
        longest = Some(longest.map_or(end, |longest| longest.max(end)));
    }
    longest.map_or(own, |longest| own.max(longest))
}
