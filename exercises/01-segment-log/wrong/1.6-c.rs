//! why: an empty segment is never closed, not even if the offset does not fit its index
//! shows: an index entry has 31 bits for it

pub fn should_roll(question: &RollQuestion, config: &LogConfig) -> Option<RollReason> {
    if question.size == 0 {
        return None;
    }
    if question.relative_offset > i64::from(i32::MAX) {
        return Some(RollReason::OffsetSpan);
    }
    if u64::from(question.size) + u64::from(question.incoming) > u64::from(config.segment_bytes) {
        return Some(RollReason::Size);
    }
    if question.age_ms > config.segment_ms {
        return Some(RollReason::Age);
    }
    question.index_full.then_some(RollReason::IndexFull)
}
