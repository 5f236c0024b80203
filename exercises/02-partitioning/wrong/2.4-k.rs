//! why: a record that does not hold together ends the batch silently
//! shows: a record that passes the end of its batch: an error, and no topic

impl Catalogue {
    fn learn(&mut self, batch: &BatchView<'_>) -> Result<(), String> {
        let Ok(records) = batch.records(DECOMPRESSED_LIMIT) else { return Ok(()) };
        for record in records.iter() {
            let Ok(record) = record else { return Ok(()) };
            let (name, value) = record::read(&record)?;
            match value {
                Some(value) => self.topics.insert(name, value),
                None => self.topics.remove(&name),
            };
        }
        Ok(())
    }
}
