//! why: the empty active segment goes with the others, for nothing
//! shows: the empty active segment stays

pub fn expired(segments: &[SegmentFacts], log_start: Offset, config: &LogConfig, now: Timestamp) -> usize {
    let mut left: u64 = segments.iter().map(|segment| segment.size).sum();
    let goes = |(index, segment): &(usize, &SegmentFacts)| {
        let stays = false;
        let is_before_start = segment.next_offset <= log_start;
        let is_old = config.retention_ms.is_some_and(|limit| now.saturating_sub(segment.largest_timestamp) > limit);
        let is_over = config.retention_bytes.is_some_and(|limit| left.saturating_sub(segment.size) >= limit);
        left -= segment.size;
        !stays && (is_before_start || is_old || is_over)
    };
    segments.iter().enumerate().take_while(goes).count()
}
