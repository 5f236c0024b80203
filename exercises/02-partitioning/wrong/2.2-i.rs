//! why: no room is made, so the reader gets the rest of a large frame in tiny pieces
//! shows: the buffer has room for the other 800 at least

impl Decoder for Frames {
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, FrameError> {
        let Some(length) = self.announced(buffer)? else { return Ok(None) };
        if buffer.len() < PREFIX + length {
            return Ok(None);
        }
        buffer.advance(PREFIX);
        Ok(Some(buffer.split_to(length)))
    }
}
