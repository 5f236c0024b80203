//! why: the number of those that count is compared: those that wait to join are not in sync
//! shows: 1 is in sync, and min.insync.replicas is 2: it stands still

pub fn leader_high_watermark(
    own: Offset,
    counted: impl IntoIterator<Item = Option<Offset>>,
    in_sync: usize,
    min_in_sync: usize,
) -> Offset {
    let counted: Vec<_> = counted.into_iter().collect();
    let _ = in_sync;
    if counted.len() < min_in_sync {
        return own;
    }
    let mut shortest: Option<Offset> = None;
    for end in counted {
        let Some(end) = end else { return own };
        shortest = Some(shortest.map_or(end, |shortest| shortest.min(end)));
    }
    shortest.map_or(own, |shortest| own.max(shortest))
}
