//! why: a plain subtraction overflows
//! shows: overflow

impl Producers {
    pub fn forget_silent(&mut self, now: Timestamp, keeps: impl Fn(i64) -> bool) {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        self.known.retain(|id, producer| {
            let heard = producer.heard.map_or(now, |heard| heard.min(now));
            producer.heard = Some(heard);
            keeps(*id) || now - heard < expiration
        });
    }
}
