//! why: most of them decide, as in Raft: Kafka elects any of those in sync, not any of most
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
    let mut ends = Vec::new();
    for end in counted {
        let Some(end) = end else { return own };
        ends.push(end);
    }
    ends.sort_unstable_by(|a, b| b.cmp(a));
    ends.get(ends.len() / 2).map_or(own, |&end| own.max(end))
}
