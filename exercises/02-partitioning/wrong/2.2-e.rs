//! why: room is made for all that was announced: four bytes from a stranger take 90 MiB
//! shows: 90 MiB are announced and none have come: room for 64 KiB (GROWTH) more, not for all of it

impl Decoder for Frames {
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, FrameError> {
        let Some(length) = self.announced(buffer)? else { return Ok(None) };
        let missing = (PREFIX + length).saturating_sub(buffer.len());
        if missing > 0 {
            buffer.reserve(missing);
            return Ok(None);
        }
        buffer.advance(PREFIX);
        Ok(Some(buffer.split_to(length)))
    }
}
