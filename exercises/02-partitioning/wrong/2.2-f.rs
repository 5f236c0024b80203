//! why: the length is dropped before the frame is there, so the next call takes the frame's first bytes for a length
//! shows: 4 of 9 bytes are there: the frame is not given, and all of them stay for the next call

impl Decoder for Frames {
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, FrameError> {
        let Some(length) = self.announced(buffer)? else { return Ok(None) };
        buffer.advance(PREFIX);
        let missing = length.saturating_sub(buffer.len());
        if missing > 0 {
            buffer.reserve(missing.min(GROWTH));
            return Ok(None);
        }
        Ok(Some(buffer.split_to(length)))
    }
}
