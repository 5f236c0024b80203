//! why: acks=1 ends when it is sent
//! shows: acks=1: does a record end with its answer?

impl Sending for AckedSending {
    fn awaits_answer(&self) -> bool {
        self.acks == Acks::All
    }
}
