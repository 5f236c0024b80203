//! why: 0 is taken for nothing: the first producer and the first record have no number
//! shows: producer 0 is a producer, and number 0 a number

impl Numbered {
    pub fn of(batch: &BatchHeader<'_>) -> Option<Self> {
        let (producer, epoch, first) = (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        let count = batch.last_offset_delta().saturating_add(1);
        let is_numbered = producer > 0 && first > 0;
        is_numbered.then(|| Numbered { producer, epoch, first, last: last_of(first, count) })
    }
}
