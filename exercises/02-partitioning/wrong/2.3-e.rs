//! why: a name of dots alone is taken for a folder's, however many there are
//! shows: `...` is no folder's name already

pub fn judge_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.chars().all(|c| c == '.') {
        return Err(NameError::Dots(name.to_owned()));
    }
    if name.chars().count() > MAX_NAME_LEN {
        return Err(NameError::TooLong(name.to_owned()));
    }
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name.chars().find(|&c| !is_legal(c)) {
        Some(found) => Err(NameError::Illegal { name: name.to_owned(), found }),
        None => Ok(()),
    }
}
