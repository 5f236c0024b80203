//! why: a segment that ends exactly at the log start is kept
//! shows: log start 100

pub fn expired(segments: &[SegmentFacts], log_start: Offset, config: &LogConfig, now: Timestamp) -> usize {
    let mut left: u64 = segments.iter().map(|segment| segment.size).sum();
    let goes = |(index, segment): &(usize, &SegmentFacts)| {
        let stays = segment.size == 0 && index + 1 == segments.len();
        let is_before_start = segment.next_offset < log_start;
        let is_old = config.retention_ms.is_some_and(|limit| now.saturating_sub(segment.largest_timestamp) > limit);
        let is_over = config.retention_bytes.is_some_and(|limit| left.saturating_sub(segment.size) >= limit);
        left -= segment.size;
        !stays && (is_before_start || is_old || is_over)
    };
    segments.iter().enumerate().take_while(goes).count()
}
