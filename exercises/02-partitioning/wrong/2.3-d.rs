//! why: whatever begins with two dots is refused, out of fear of `../`, which the list refuses anyway
//! shows: `..orders` is no folder's name already

pub fn judge_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name == "." || name.starts_with("..") && name != "..." && name != "...." {
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
