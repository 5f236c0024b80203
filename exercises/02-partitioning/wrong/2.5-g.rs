//! why: only time counts: a full batch waits for its linger.ms though nothing can join it
//! shows: full after 0 ms: it leaves

pub fn why_ready(question: &ReadyQuestion, linger: Duration) -> Option<ReadyReason> {
    if question.is_exhausted {
        return Some(ReadyReason::MemoryExhausted);
    }
    (question.waited >= linger).then_some(match question.closed {
        Some(Closed::Full) => ReadyReason::Full,
        Some(Closed::Flushed) => ReadyReason::Flushed,
        None => ReadyReason::Lingered,
    })
}
