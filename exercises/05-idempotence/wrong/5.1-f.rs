//! why: the last number is one too high: a distance is taken for a number of records
//! shows: one record has one number, the first and the last

impl Numbered {
    pub fn of(batch: &BatchHeader<'_>) -> Option<Self> {
        let (producer, epoch, first) = (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        let is_numbered = producer >= 0 && first >= 0;
        is_numbered.then(|| Numbered { producer, epoch, first, last: plus(first, batch.last_offset_delta() + 1) })
    }
}
