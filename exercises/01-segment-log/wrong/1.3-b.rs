//! why: a length of 0 is taken for "nothing there"
//! shows: empty is not null

impl<'r> Walk<'r> {
    fn nullable(&self, body: &mut &'r [u8]) -> Result<Option<&'r [u8]>, BatchError> {
        match self.number(body)? {
            length if length <= 0 => Ok(None),
            length => self.take(length, body).map(Some),
        }
    }
}
