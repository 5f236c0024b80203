//! why: the reasons are asked in another order, so a full batch is told to have lingered
//! shows: if several reasons hold, the first is named

pub fn why_ready(question: &ReadyQuestion, linger: Duration) -> Option<ReadyReason> {
    if question.waited >= linger {
        return Some(ReadyReason::Lingered);
    }
    match question.closed {
        Some(Closed::Full) => Some(ReadyReason::Full),
        Some(Closed::Flushed) => Some(ReadyReason::Flushed),
        None => question.is_exhausted.then_some(ReadyReason::MemoryExhausted),
    }
}
