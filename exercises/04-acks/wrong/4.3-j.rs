//! why: what there is now is remembered, also where less is there than whoever asks has: it is looked for nothing
//! shows: ???

impl Watched {
    fn mark(&mut self) {
        for one in &mut self.partitions {
            let reaches = (self.reaches)(&one.news.borrow_and_update());
            one.seen = reaches;
        }
    }
}
