//! why: the batch that wants in is not counted
//! shows: 901 + 100 bytes are beyond the 1000

pub fn should_roll(question: &RollQuestion, config: &LogConfig) -> Option<RollReason> {
    if question.relative_offset > i64::from(i32::MAX) {
        return Some(RollReason::OffsetSpan);
    }
    if question.size == 0 {
        return None;
    }
    if question.size > config.segment_bytes {
        return Some(RollReason::Size);
    }
    if question.age_ms > config.segment_ms {
        return Some(RollReason::Age);
    }
    question.index_full.then_some(RollReason::IndexFull)
}
