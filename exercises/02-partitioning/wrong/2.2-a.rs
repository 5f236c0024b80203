//! why: the length is read with its lowest byte first, as the processor has it
//! shows: the highest byte comes first, and the four do not count themselves

impl Frames {
    fn announced(&self, buffer: &[u8]) -> Result<Option<usize>, FrameError> {
        let Some(prefix) = buffer.first_chunk::<PREFIX>() else { return Ok(None) };
        match u32::from_le_bytes(*prefix) as usize {
            0 => Err(FrameError::Empty),
            length if length > self.max => {
                Err(FrameError::TooLong { length, max: self.max, looks_like: other_protocol(prefix) })
            }
            length => Ok(Some(length)),
        }
    }
}
