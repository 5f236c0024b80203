//! why: nobody is asked whom to keep
//! shows: both are silent, and somebody keeps producer 7

impl Producers {
    pub fn forget_silent(&mut self, now: Timestamp, keeps: impl Fn(i64) -> bool) {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        let _ = keeps;
        self.known.retain(|_, producer| {
            let heard = producer.heard.map_or(now, |heard| heard.min(now));
            producer.heard = Some(heard);
            now.saturating_sub(heard) < expiration
        });
    }
}
