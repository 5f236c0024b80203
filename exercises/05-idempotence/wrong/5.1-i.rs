//! why: the last number does not go round
//! shows: three records from 2147483646 on: the last has number 0

impl Numbered {
    pub fn of(batch: &BatchHeader<'_>) -> Option<Self> {
        let (producer, epoch, first) = (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        let is_numbered = producer >= 0 && first >= 0;
        is_numbered.then(|| Numbered { producer, epoch, first, last: first.saturating_add(batch.last_offset_delta()) })
    }
}
