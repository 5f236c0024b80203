//! why: a frame of exactly the limit is refused
//! shows: a frame of 1000 bytes, and 1000 are allowed

impl Frames {
    fn announced(&self, buffer: &[u8]) -> Result<Option<usize>, FrameError> {
        let Some(prefix) = buffer.first_chunk::<PREFIX>() else { return Ok(None) };
        match u32::from_be_bytes(*prefix) as usize {
            0 => Err(FrameError::Empty),
            length if length >= self.max => {
                Err(FrameError::TooLong { length, max: self.max, looks_like: other_protocol(prefix) })
            }
            length => Ok(Some(length)),
        }
    }
}
