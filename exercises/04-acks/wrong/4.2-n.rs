//! why: acks=1 ends when it is sent
//! shows: ???

impl Sending for AckedSending {
    fn awaits_answer(&self) -> bool {
        self.acks == Acks::All
    }
}
