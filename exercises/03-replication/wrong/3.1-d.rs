//! why: min.insync.replicas is not looked at: a single replica commits
//! shows: 1 is in sync, and min.insync.replicas is 2: it stands still

pub fn leader_high_watermark(
    own: Offset,
    counted: impl IntoIterator<Item = Option<Offset>>,
    in_sync: usize,
    min_in_sync: usize,
) -> Offset {
    let _ = (in_sync, min_in_sync);
    let mut shortest: Option<Offset> = None;
    for end in counted {
        let Some(end) = end else { return own };
        shortest = Some(shortest.map_or(end, |shortest| shortest.min(end)));
    }
    shortest.map_or(own, |shortest| own.max(shortest))
}
