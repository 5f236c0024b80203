//! why: another leader is no news: whoever asks waits beside a partition of which nothing more will come
//! shows: after 100 ms orders-1 is led by somebody else: nothing more comes here

impl WatchedOne {
    async fn news(&mut self, reaches: fn(&Offsets) -> Offset) {
        let WatchedOne { news, seen, .. } = self;
        // That there will be no more news is news as well.
        let _ = news.wait_for(|now| reaches(now) > *seen).await;
    }
}
