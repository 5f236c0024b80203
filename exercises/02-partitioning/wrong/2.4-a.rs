//! why: whatever is not known is a new topic, so a topic that never was can be deleted
//! shows: `nobody` is no topic, so it cannot be deleted

impl Catalogue {
    pub fn judge(&self, name: &str, record: Option<&TopicRecord>) -> Result<(), Refusal> {
        match (self.topics.get(name), record) {
            (None, Some(new)) => self.judge_new(name, new),
            (None, None) => Err(unknown(name)),
            (Some(old), Some(new)) if old.id != new.id || old.deleted => Err(taken(name, old)),
            (Some(_), Some(new)) if new.deleted => Ok(()),
            (Some(old), Some(new)) => self.judge_growth(name, old, new),
            (Some(old), None) if old.deleted => Ok(()),
            (Some(_), None) => Err(ErrorCode::InvalidRequest.because("it is in use")),
        }
    }
}
