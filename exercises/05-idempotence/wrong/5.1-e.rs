//! why: records that compaction took had no numbers
//! shows: The batch is 10…14 all the same

impl Numbered {
    pub fn of(batch: &BatchHeader<'_>) -> Option<Self> {
        let (producer, epoch, first) = (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        let is_numbered = producer >= 0 && first >= 0;
        is_numbered.then(|| Numbered { producer, epoch, first, last: last_of(first, batch.records_count()) })
    }
}
