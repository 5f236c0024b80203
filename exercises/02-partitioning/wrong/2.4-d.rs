//! why: a null is allowed for every name, so one record makes a topic vanish while its folders are in use
//! shows: `orders` is not deleted, so its name cannot be freed

impl Catalogue {
    pub fn judge(&self, name: &str, record: Option<&TopicRecord>) -> Result<(), Refusal> {
        match (self.topics.get(name), record) {
            (None, Some(new)) if !new.deleted => self.judge_new(name, new),
            (None, _) => Err(unknown(name)),
            (Some(old), Some(new)) if old.id != new.id || old.deleted => Err(taken(name, old)),
            (Some(_), Some(new)) if new.deleted => Ok(()),
            (Some(old), Some(new)) => self.judge_growth(name, old, new),
            (Some(_), None) => Ok(()),
        }
    }
}
