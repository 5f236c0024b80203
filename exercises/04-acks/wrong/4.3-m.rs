//! why: any change is news: who is in sync, or what is written and not committed
//! shows: what is written and not committed is no news, nor who is in sync: it is looked at the beginning, and after 200 ms

impl WatchedOne {
    async fn news(&mut self, reaches: fn(&Offsets) -> Offset) {
        let _ = (self.epoch, self.seen, reaches);
        let _ = self.news.changed().await;
    }
}
