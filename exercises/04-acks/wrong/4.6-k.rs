//! why: with acks=0 it waits for an answer to which nobody listens
//! shows: ???

impl Sending for NeverTwice {
    fn awaits_answer(&self) -> bool {
        true
    }
}
