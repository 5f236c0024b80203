//! why: the limit itself is too late already
//! shows: at 1000 ms: 3 has been silent for as long as it may

impl Progress {
    pub fn is_caught_up(&self, leaders_end: Offset, now: Uptime, lag_time_max: Duration) -> bool {
        let was = self.caught_up.is_some_and(|when| now.saturating_sub(when) < lag_time_max);
        self.end == Some(leaders_end) || was
    }
}
