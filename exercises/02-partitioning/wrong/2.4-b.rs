//! why: ids are not compared: a second topic with more partitions passes for the first one, grown
//! shows: `orders` has id 1, so a record with id 9 is a second topic of that name

impl Catalogue {
    pub fn judge(&self, name: &str, record: Option<&TopicRecord>) -> Result<(), Refusal> {
        match (self.topics.get(name), record) {
            (None, Some(new)) if !new.deleted => self.judge_new(name, new),
            (None, _) => Err(unknown(name)),
            (Some(old), Some(_)) if old.deleted => Err(taken(name, old)),
            (Some(_), Some(new)) if new.deleted => Ok(()),
            (Some(old), Some(new)) => self.judge_growth(name, old, new),
            (Some(old), None) if old.deleted => Ok(()),
            (Some(_), None) => Err(ErrorCode::InvalidRequest.because("it is in use")),
        }
    }
}
