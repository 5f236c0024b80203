//! why: whoever waits for memory is not thought of: he waits until linger.ms is over
//! shows: open for 3 of 10 ms, and somebody waits for memory: it leaves

pub fn why_ready(question: &ReadyQuestion, linger: Duration) -> Option<ReadyReason> {
    match question.closed {
        Some(Closed::Full) => Some(ReadyReason::Full),
        Some(Closed::Flushed) => Some(ReadyReason::Flushed),
        None => (question.waited >= linger).then_some(ReadyReason::Lingered),
    }
}
