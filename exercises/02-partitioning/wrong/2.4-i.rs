//! why: what cannot be read is skipped: the broker takes that topic's folders for a leftover, and removes them
//! shows: a value that is no topic: the error of `record::read` is kept, and nothing after it is learned

impl Catalogue {
    fn learn(&mut self, batch: &BatchView<'_>) -> Result<(), String> {
        let records = batch.records(DECOMPRESSED_LIMIT).map_err(|error| error.to_string())?;
        for record in records.iter().flatten() {
            match record::read(&record) {
                Ok((name, Some(value))) => self.topics.insert(name, value),
                Ok((name, None)) => self.topics.remove(&name),
                Err(_) => None,
            };
        }
        Ok(())
    }
}
