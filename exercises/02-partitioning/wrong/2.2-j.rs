//! why: the frame is given with its length before it
//! shows: the four do not count themselves

impl Decoder for Frames {
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, FrameError> {
        let Some(length) = self.announced(buffer)? else { return Ok(None) };
        let missing = (PREFIX + length).saturating_sub(buffer.len());
        if missing > 0 {
            buffer.reserve(missing.min(GROWTH));
            return Ok(None);
        }
        Ok(Some(buffer.split_to(PREFIX + length)))
    }
}
