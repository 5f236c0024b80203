//! The way to an item of a Rust file, written as in Rust: `encode_i64`, `Log::append`, `<Crc as Fold>::apply`.

use std::fmt;

/// The way to an item inside one file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ItemPath {
    /// `name`, `module::name`, `Type::method`, `Trait::method`.
    Plain(Vec<String>),
    /// `<Type as Trait>`, `<Type as Trait>::method`. Types and traits are kept without spaces.
    Impl { of: String, of_trait: String, member: Option<String> },
}

impl ItemPath {
    /// Reads what stands after `file.rs::`.
    pub(super) fn parse(text: &str) -> Option<ItemPath> {
        let Some(rest) = text.strip_prefix('<') else {
            let segments: Vec<String> = text.split("::").map(str::to_owned).collect();
            return segments.iter().all(|segment| is_name(segment)).then_some(ItemPath::Plain(segments));
        };
        let (inner, after) = rest.split_at(closing_angle(rest)?);
        let (of, of_trait) = inner.split_once(" as ")?;
        let member = match &after[1..] {
            "" => None,
            member => Some(member.strip_prefix("::").filter(|name| is_name(name))?.to_owned()),
        };
        Some(ItemPath::Impl { of: packed(of), of_trait: packed(of_trait), member })
    }
}

impl fmt::Display for ItemPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ItemPath::Plain(segments) => f.write_str(&segments.join("::")),
            ItemPath::Impl { of, of_trait, member: None } => write!(f, "<{of} as {of_trait}>"),
            ItemPath::Impl { of, of_trait, member: Some(member) } => write!(f, "<{of} as {of_trait}>::{member}"),
        }
    }
}

/// Splits at the spaces that stand outside of angle brackets and parentheses.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut depth) = (None, 0_i32);
    for (at, c) in text.char_indices() {
        depth += match c {
            '<' | '(' => 1,
            '>' | ')' => -1,
            _ => 0,
        };
        match (start, c.is_whitespace() && depth <= 0) {
            (Some(from), true) => {
                words.push(&text[from..at]);
                start = None;
            }
            (None, false) => start = Some(at),
            _ => {}
        }
    }
    words.extend(start.map(|from| &text[from..]));
    words
}

/// Without any space.
pub(super) fn packed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Where the angle bracket closes that was opened before this text.
fn closing_angle(text: &str) -> Option<usize> {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_they_are_written() {
        for text in ["encode", "Log::append", "a::b::c", "<Log<F>as Fold<(A,B)>>::check", "<()as Fold>"] {
            let spaced = text.replace("as Fold", " as Fold");
            let path = ItemPath::parse(&spaced).unwrap();
            assert_eq!(packed(&path.to_string()), packed(&spaced));
        }
        for text in ["", "a::", "::a", "a b", "<Log>", "<Log as Fold", "<Log as Fold>check", "<Log as Fold>::a::b"] {
            assert_eq!(ItemPath::parse(text), None, "{text}");
        }
    }

    #[test]
    fn words_keep_what_is_in_brackets_together() {
        assert_eq!(
            words(" a.rs::<X as Y>::z  b.rs::<(A, B) as Y> docs=no "),
            ["a.rs::<X as Y>::z", "b.rs::<(A, B) as Y>", "docs=no"]
        );
        assert_eq!(words("  "), Vec::<&str>::new());
    }
}
