//! why: as at least once: what may be there is sent again
//! shows: the other side closed it. Again? It may be in the log.

impl Sending for NeverTwice {
    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.sending.again(error, attempts)
    }
}
