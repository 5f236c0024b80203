//! why: what is learned is judged again: a limit that was lowered since makes a topic vanish at the next start
//! shows: max.broker.partitions is 2 now: a topic of 5 that was made before is learned all the same

impl Catalogue {
    fn learn(&mut self, batch: &BatchView<'_>) -> Result<(), String> {
        for record in batch.records(DECOMPRESSED_LIMIT).map_err(|error| error.to_string())?.iter() {
            let (name, value) = record::read(&record.map_err(|error| error.to_string())?)?;
            self.judge(&name, value.as_ref()).map_err(|refusal| refusal.message)?;
            match value {
                Some(value) => self.topics.insert(name, value),
                None => self.topics.remove(&name),
            };
        }
        Ok(())
    }
}
