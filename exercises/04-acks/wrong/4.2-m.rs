//! why: the answer is waited for with acks=0 as well
//! shows: ???

impl Sending for AckedSending {
    fn awaits_answer(&self) -> bool {
        true
    }
}
