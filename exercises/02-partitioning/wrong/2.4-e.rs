//! why: a deleted topic's name is taken for free, and a new topic gets the old one's folders
//! shows: `gone` is deleted, and its folders may be there: no other topic gets its name

impl Catalogue {
    pub fn judge(&self, name: &str, record: Option<&TopicRecord>) -> Result<(), Refusal> {
        let known = self.topics.get(name).filter(|known| !known.deleted);
        match (known, record) {
            (None, Some(new)) if !new.deleted => self.judge_new(name, new),
            (None, None) if self.topics.contains_key(name) => Ok(()),
            (None, _) => Err(unknown(name)),
            (Some(old), Some(new)) if old.id != new.id => Err(taken(name, old)),
            (Some(_), Some(new)) if new.deleted => Ok(()),
            (Some(old), Some(new)) => self.judge_growth(name, old, new),
            (Some(_), None) => Err(ErrorCode::InvalidRequest.because("it is in use")),
        }
    }
}
