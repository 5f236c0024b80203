//! why: the last character against the rule is named, and a reader looks in the wrong place
//! shows: `/` stands before the space

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
    let mut verdict = Ok(());
    for found in name.chars() {
        if !(found.is_ascii_alphanumeric() || matches!(found, '.' | '_' | '-')) {
            verdict = Err(NameError::Illegal { name: name.to_owned(), found });
        }
    }
    verdict
}
