//! why: a producer is enough: a marker gets numbers
//! shows: a producer, and no number

impl Numbered {
    pub fn of(batch: &BatchHeader<'_>) -> Option<Self> {
        let (producer, epoch, first) = (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        let count = batch.last_offset_delta().saturating_add(1);
        (producer >= 0).then(|| Numbered { producer, epoch, first, last: last_of(first, count) })
    }
}
