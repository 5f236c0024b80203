//! why: a segment is closed in the very millisecond
//! shows: 60000 ms are the 60000 of segment.ms

pub fn should_roll(question: &RollQuestion, config: &LogConfig) -> Option<RollReason> {
    if question.relative_offset > i64::from(i32::MAX) {
        return Some(RollReason::OffsetSpan);
    }
    if question.size == 0 {
        return None;
    }
    if u64::from(question.size) + u64::from(question.incoming) > u64::from(config.segment_bytes) {
        return Some(RollReason::Size);
    }
    if question.age_ms >= config.segment_ms {
        return Some(RollReason::Age);
    }
    question.index_full.then_some(RollReason::IndexFull)
}
