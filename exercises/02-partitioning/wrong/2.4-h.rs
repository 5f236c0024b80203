//! why: a null is taken for "nothing new", so a name is never free again
//! shows: a null: the name is free, and nothing is known of it

impl Catalogue {
    fn learn(&mut self, batch: &BatchView<'_>) -> Result<(), String> {
        for record in batch.records(DECOMPRESSED_LIMIT).map_err(|error| error.to_string())?.iter() {
            let (name, value) = record::read(&record.map_err(|error| error.to_string())?)?;
            if let Some(value) = value {
                self.topics.insert(name, value);
            }
        }
        Ok(())
    }
}
