//! why: a deleted topic is forgotten at once, so its name is free before its folders are removed
//! shows: deleted: it is known, as its name is not free

impl Catalogue {
    fn learn(&mut self, batch: &BatchView<'_>) -> Result<(), String> {
        for record in batch.records(DECOMPRESSED_LIMIT).map_err(|error| error.to_string())?.iter() {
            let (name, value) = record::read(&record.map_err(|error| error.to_string())?)?;
            match value {
                Some(value) if !value.deleted => self.topics.insert(name, value),
                _ => self.topics.remove(&name),
            };
        }
        Ok(())
    }
}
