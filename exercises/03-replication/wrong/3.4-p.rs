//! why: whoever is not at the end has not caught up, however short the time
//! shows: at 0 ms: leadership has just begun, and nobody has had time to ask

impl Progress {
    pub fn is_caught_up(&self, leaders_end: Offset, now: Uptime, lag_time_max: Duration) -> bool {
        let was = self.caught_up.is_some_and(|when| now.saturating_sub(when) <= lag_time_max);
        self.end == Some(leaders_end) && was
    }
}
