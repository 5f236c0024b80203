//! why: whoever is kept is not looked at, so that its silence begins when nobody keeps it any more
//! shows: Nobody keeps it any more, and it was silent all the time.

impl Producers {
    pub fn forget_silent(&mut self, now: Timestamp, keeps: impl Fn(i64) -> bool) {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        self.known.retain(|id, producer| {
            if keeps(*id) {
                return true;
            }
            let heard = producer.heard.map_or(now, |heard| heard.min(now));
            producer.heard = Some(heard);
            now.saturating_sub(heard) < expiration
        });
    }
}
