//! why: restore adds the saved counts to those that are there
//! shows: restore becomes the snapshot's state, and adds nothing to it

impl Fold for KeyCounts {
    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        let Some(snapshot) = snapshot else {
            *self = KeyCounts::default();
            return Ok(());
        };
        let saved: Saved = codec::decode(VERSION, snapshot).map_err(Rejection::new)?;
        for (key, count) in saved.counts {
            *self.counts.entry(key.map(Bytes::from)).or_default() += count;
        }
        self.unreadable = saved.unreadable;
        Ok(())
    }
}
