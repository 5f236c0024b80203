//! why: the length is taken to count its own four bytes
//! shows: frame [aa bb cc], left []

impl Decoder for Frames {
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, FrameError> {
        let Some(length) = self.announced(buffer)? else { return Ok(None) };
        let missing = length.saturating_sub(buffer.len());
        if missing > 0 {
            buffer.reserve(missing.min(GROWTH));
            return Ok(None);
        }
        let mut frame = buffer.split_to(length);
        frame.advance(PREFIX.min(frame.len()));
        Ok(Some(frame))
    }
}
