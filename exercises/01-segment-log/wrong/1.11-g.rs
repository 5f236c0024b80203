//! why: bytes that are no snapshot end the program
//! shows: called `Result::unwrap()` on an `Err` value

impl Fold for KeyCounts {
    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        *self = KeyCounts::default();
        if let Some(snapshot) = snapshot {
            let saved: Saved = codec::decode(VERSION, snapshot).unwrap();
            self.counts = saved.counts.into_iter().map(|(key, count)| (key.map(Bytes::from), count)).collect();
            self.unreadable = saved.unreadable;
        }
        Ok(())
    }
}
