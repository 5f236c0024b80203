//! why: nobody asks whether the topic is deleted already: it grows, or comes back, while its folders are removed
//! shows: `gone` is deleted: it does not grow any more

impl Catalogue {
    pub fn judge(&self, name: &str, record: Option<&TopicRecord>) -> Result<(), Refusal> {
        match (self.topics.get(name), record) {
            (None, Some(new)) if !new.deleted => self.judge_new(name, new),
            (None, _) => Err(unknown(name)),
            (Some(old), Some(new)) if old.id != new.id => Err(taken(name, old)),
            (Some(_), Some(new)) if new.deleted => Ok(()),
            (Some(old), Some(new)) => self.judge_growth(name, old, new),
            (Some(old), None) if old.deleted => Ok(()),
            (Some(_), None) => Err(ErrorCode::InvalidRequest.because("it is in use")),
        }
    }
}
