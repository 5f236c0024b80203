//! why: the length is held against the limit when the frame is there: until then whoever sent it has our memory
//! shows: a frame of 1001 bytes, and 1000 are allowed: known as soon as the length is there

impl Frames {
    fn announced(&self, buffer: &[u8]) -> Result<Option<usize>, FrameError> {
        let Some(prefix) = buffer.first_chunk::<PREFIX>() else { return Ok(None) };
        match u32::from_be_bytes(*prefix) as usize {
            0 => Err(FrameError::Empty),
            length => Ok(Some(length)),
        }
    }
}

impl Decoder for Frames {
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, FrameError> {
        let Some(length) = self.announced(buffer)? else { return Ok(None) };
        let missing = (PREFIX + length).saturating_sub(buffer.len());
        if missing > 0 {
            buffer.reserve(missing.min(GROWTH));
            return Ok(None);
        }
        if length > self.max {
            return Err(FrameError::TooLong { length, max: self.max, looks_like: None });
        }
        buffer.advance(PREFIX);
        Ok(Some(buffer.split_to(length)))
    }
}
