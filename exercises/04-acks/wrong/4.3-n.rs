//! why: that there will be no more news is waited for like news
//! shows: after 100 ms orders-0 is closed

impl WatchedOne {
    async fn news(&mut self, reaches: fn(&Offsets) -> Offset) {
        let WatchedOne { news, epoch, seen, .. } = self;
        if news.wait_for(|now| now.leader_epoch != *epoch || reaches(now) > *seen).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
