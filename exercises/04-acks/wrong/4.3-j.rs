//! why: what was seen counts as news: it looks again and again, and keeps a processor busy
//! shows: whoever has looked waits for news before the next look: no test here has news more than ten times

impl WatchedOne {
    async fn news(&mut self, reaches: fn(&Offsets) -> Offset) {
        let WatchedOne { news, epoch, seen, .. } = self;
        // That there will be no more news is news as well.
        let _ = news.wait_for(|now| now.leader_epoch != *epoch || reaches(now) >= *seen).await;
    }
}
