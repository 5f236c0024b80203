//! why: what somebody has made up overflows, and the broker's thread dies of it
//! shows: last_offset_delta is 2147483647: that is odd, and nothing overflows

impl Numbered {
    pub fn of(batch: &BatchHeader<'_>) -> Option<Self> {
        let (producer, epoch, first) = (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        let is_numbered = producer >= 0 && first >= 0;
        is_numbered.then(|| Numbered { producer, epoch, first, last: last_of(first, batch.last_offset_delta() + 1) })
    }
}
