//! why: the sum is made of 32-bit numbers with a sign
//! shows: attempt to add with overflow

pub fn should_roll(question: &RollQuestion, config: &LogConfig) -> Option<RollReason> {
    if question.relative_offset > i64::from(i32::MAX) {
        return Some(RollReason::OffsetSpan);
    }
    if question.size == 0 {
        return None;
    }
    if question.size as i32 + question.incoming as i32 > config.segment_bytes as i32 {
        return Some(RollReason::Size);
    }
    if question.age_ms > config.segment_ms {
        return Some(RollReason::Age);
    }
    question.index_full.then_some(RollReason::IndexFull)
}
