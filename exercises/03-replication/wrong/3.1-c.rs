//! why: whoever has not fetched yet is left out
//! shows: a member has not fetched in this epoch: nobody knows what it has

pub fn leader_high_watermark(
    own: Offset,
    counted: impl IntoIterator<Item = Option<Offset>>,
    in_sync: usize,
    min_in_sync: usize,
) -> Offset {
    if in_sync < min_in_sync {
        return own;
    }
    counted.into_iter().flatten().min().map_or(own, |shortest| own.max(shortest))
}
