//! why: the answer is waited for with acks=0 as well
//! shows: acks=0: does a record end with its answer?

impl Sending for AckedSending {
    fn awaits_answer(&self) -> bool {
        true
    }
}
