//! why: with acks=0 it waits for an answer to which nobody listens
//! shows: acks=0: does a record end with its answer? As for `self.sending`

impl Sending for NeverTwice {
    fn awaits_answer(&self) -> bool {
        true
    }
}
