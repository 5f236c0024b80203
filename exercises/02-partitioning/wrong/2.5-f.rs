//! why: a batch leaves after longer than linger.ms; with linger.ms 0 it never does at once
//! shows: open for the 10 ms of linger.ms: it leaves

pub fn why_ready(question: &ReadyQuestion, linger: Duration) -> Option<ReadyReason> {
    match question.closed {
        Some(Closed::Full) => Some(ReadyReason::Full),
        Some(Closed::Flushed) => Some(ReadyReason::Flushed),
        None if question.waited > linger => Some(ReadyReason::Lingered),
        None => question.is_exhausted.then_some(ReadyReason::MemoryExhausted),
    }
}
