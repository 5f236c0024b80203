//! why: time alone decides: on a partition that nobody writes to, a follower with everything is put out after a while
//! shows: 2 has all there is, however long ago it asked; 3 has not

impl Progress {
    pub fn is_caught_up(&self, leaders_end: Offset, now: Uptime, lag_time_max: Duration) -> bool {
        let was = self.caught_up.is_some_and(|when| now.saturating_sub(when) <= lag_time_max);
        was
    }
}
