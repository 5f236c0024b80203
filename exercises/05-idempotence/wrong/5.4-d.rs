//! why: a clock that was set back is not thought of
//! shows: A second after that.

impl Producers {
    pub fn forget_silent(&mut self, now: Timestamp, keeps: impl Fn(i64) -> bool) {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        self.known.retain(|id, producer| {
            let heard = *producer.heard.get_or_insert(now);
            keeps(*id) || now.saturating_sub(heard) < expiration
        });
    }
}
