//! why: one record is read, as `check` lets only one in; but `learn` is told of whatever the log holds
//! shows: three records in one batch: `a`, `b`, and `a` is free again

impl Catalogue {
    fn learn(&mut self, batch: &BatchView<'_>) -> Result<(), String> {
        let records = batch.records(DECOMPRESSED_LIMIT).map_err(|error| error.to_string())?;
        let Some(first) = records.iter().next() else { return Ok(()) };
        let (name, value) = record::read(&first.map_err(|error| error.to_string())?)?;
        match value {
            Some(value) => self.topics.insert(name, value),
            None => self.topics.remove(&name),
        };
        Ok(())
    }
}
