//! why: the first segment is taken for the start: the log start can lie inside it
//! shows: so 9 is Error::OffsetOutOfRange

impl<F: Fold> Log<F> {
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        if self.segments().next().is_none_or(|first| from < first.base_offset()) || from > self.end {
            return Err(Error::OffsetOutOfRange { asked: from, start: self.log_start, end: self.end });
        }
        for segment in self.segments_from(from) {
            if let Some(position) = segment.locate(from)? {
                return segment.slice(position, max_bytes);
            }
        }
        let active = self.active();
        active.slice(active.size(), 0)
    }
}
