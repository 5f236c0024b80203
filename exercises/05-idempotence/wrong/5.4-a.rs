//! why: a look at the clock is taken for a sign of life
//! shows: It is silent for 1000 ms.

impl Producers {
    pub fn forget_silent(&mut self, now: Timestamp, keeps: impl Fn(i64) -> bool) {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        self.known.retain(|id, producer| {
            let heard = producer.heard.replace(now).unwrap_or(now);
            keeps(*id) || now.saturating_sub(heard) < expiration
        });
    }
}
