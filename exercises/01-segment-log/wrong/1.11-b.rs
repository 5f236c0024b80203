//! why: without a snapshot there is nothing to restore, so everything is left as it was
//! shows: restore(None): no batch was seen yet

impl Fold for KeyCounts {
    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        if let Some(snapshot) = snapshot {
            let saved: Saved = codec::decode(VERSION, snapshot).map_err(Rejection::new)?;
            self.counts = saved.counts.into_iter().map(|(key, count)| (key.map(Bytes::from), count)).collect();
            self.unreadable = saved.unreadable;
        }
        Ok(())
    }
}
