//! why: who is not known to have been heard of is forgotten at once
//! shows: It is the first look after its batch.

impl Producers {
    pub fn forget_silent(&mut self, now: Timestamp, keeps: impl Fn(i64) -> bool) {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        self.known.retain(|id, producer| {
            let heard = producer.heard.map_or(i64::MIN, |heard| heard.min(now));
            producer.heard = Some(now);
            keeps(*id) || now.saturating_sub(heard) < expiration
        });
    }
}
