//! why: `is_alphanumeric` knows the letters and digits of all scripts
//! shows: 'é' is no letter of a-z or A-Z and no digit of 0-9

pub fn judge_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name == "." || name == ".." {
        return Err(NameError::Dots(name.to_owned()));
    }
    if name.chars().count() > MAX_NAME_LEN {
        return Err(NameError::TooLong(name.to_owned()));
    }
    let is_legal = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name.chars().find(|&c| !is_legal(c)) {
        Some(found) => Err(NameError::Illegal { name: name.to_owned(), found }),
        None => Ok(()),
    }
}
