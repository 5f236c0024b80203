//! why: what there is now is remembered, also where less is there than whoever asks has: it is looked for nothing
//! shows: after 50 ms all before 3 is committed: whoever asks for 3 has that, so it is looked at the beginning, and after 100 ms

impl Watched {
    fn mark(&mut self) {
        for one in &mut self.partitions {
            let reaches = (self.reaches)(&one.news.borrow_and_update());
            one.seen = reaches;
        }
    }
}
