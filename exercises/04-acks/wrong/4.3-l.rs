//! why: only another leader is news: records are found when the time is over
//! shows: written after 100 ms, and committed after 300 ms: consumers get what is committed

impl WatchedOne {
    async fn news(&mut self, reaches: fn(&Offsets) -> Offset) {
        let _ = reaches;
        let WatchedOne { news, epoch, .. } = self;
        // That there will be no more news is news as well.
        let _ = news.wait_for(|now| now.leader_epoch != *epoch).await;
    }
}
