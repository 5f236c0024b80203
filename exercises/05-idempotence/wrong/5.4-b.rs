//! why: the first look is not noted: nobody is ever silent
//! shows: It is silent for 1000 ms.

impl Producers {
    pub fn forget_silent(&mut self, now: Timestamp, keeps: impl Fn(i64) -> bool) {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        self.known.retain(|id, producer| {
            keeps(*id) || producer.heard.is_none_or(|heard| now.saturating_sub(heard) < expiration)
        });
    }
}
