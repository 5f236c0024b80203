//! why: the setting is cut to the bits that fit
//! shows: it is remembered for longer than a clock can say

impl Producers {
    pub fn forget_silent(&mut self, now: Timestamp, keeps: impl Fn(i64) -> bool) {
        let expiration = self.config.expiration.as_millis() as i32 as i64;
        self.known.retain(|id, producer| {
            let heard = producer.heard.map_or(now, |heard| heard.min(now));
            producer.heard = Some(heard);
            keeps(*id) || now.saturating_sub(heard) < expiration
        });
    }
}
