//! why: a segment goes as long as the log is larger than the limit: then less than the limit stays
//! shows: at least 1001 bytes stay

pub fn expired(segments: &[SegmentFacts], log_start: Offset, config: &LogConfig, now: Timestamp) -> usize {
    let mut left: u64 = segments.iter().map(|segment| segment.size).sum();
    let goes = |(index, segment): &(usize, &SegmentFacts)| {
        let stays = segment.size == 0 && index + 1 == segments.len();
        let is_before_start = segment.next_offset <= log_start;
        let is_old = config.retention_ms.is_some_and(|limit| now.saturating_sub(segment.largest_timestamp) > limit);
        let is_over = config.retention_bytes.is_some_and(|limit| left > limit);
        left -= segment.size;
        !stays && (is_before_start || is_old || is_over)
    };
    segments.iter().enumerate().take_while(goes).count()
}
