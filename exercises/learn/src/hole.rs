//! The address of a function: `src/index.rs::Index::lookup`.
//!
//! An exercise names the functions it empties by such addresses, so the source carries no marks. Three forms exist:
//!
//! ```text
//! src/varint.rs::encode                          a free function
//! src/varint.rs::wire::encode                    the same, in `mod wire { .. }` of that file
//! src/index.rs::Index::lookup                    a method, in any `impl Index` block of its own
//! src/index.rs::<Index as Display>::fmt          a method of a trait's implementation
//! src/index.rs::<Index as From<u64>>::from       the same, where several instances of the trait are implemented
//! ```
//!
//! This module reads and writes the addresses; [`crate::source`] finds what they name.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A function of the stage that an exercise empties.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Hole {
    /// The file, relative to the stage: `src/index.rs`.
    pub(crate) file: String,
    /// The function in it.
    pub(crate) item: Item,
}

/// A function's place in its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Item {
    /// Modules or a type, and the function's name: `["Index", "lookup"]`.
    Plain(Vec<String>),
    /// `<implementor as trait_>::name`.
    OfTrait { implementor: String, trait_: String, name: String },
}

impl Item {
    /// The function's bare name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Item::Plain(path) => path.last().map_or("", String::as_str),
            Item::OfTrait { name, .. } => name,
        }
    }
}

impl TryFrom<String> for Hole {
    type Error = String;

    fn try_from(text: String) -> Result<Hole, String> {
        text.parse()
    }
}

impl FromStr for Hole {
    type Err = String;

    fn from_str(text: &str) -> Result<Hole, String> {
        let wrong = || {
            format!(
                "`{text}` is no hole. Write `src/file.rs::function`, `src/file.rs::Type::method` or `src/file.rs::<Type as Trait>::method`"
            )
        };
        let (file, item) = text.split_once(".rs::").ok_or_else(wrong)?;
        let inside = !file.is_empty() && !file.starts_with('/') && !file.contains("..");
        let item: Item = item.parse().map_err(|()| wrong())?;
        if inside { Ok(Hole { file: format!("{file}.rs"), item }) } else { Err(wrong()) }
    }
}

impl FromStr for Item {
    type Err = ();

    fn from_str(text: &str) -> Result<Item, ()> {
        let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
        if let Some(rest) = text.strip_prefix('<') {
            let (head, name) = rest.rsplit_once(">::").ok_or(())?;
            let (implementor, trait_) = head.split_once(" as ").ok_or(())?;
            let (implementor, trait_) = (implementor.trim().to_owned(), trait_.trim().to_owned());
            let good = word(name) && !implementor.is_empty() && !trait_.is_empty();
            return if good { Ok(Item::OfTrait { implementor, trait_, name: name.to_owned() }) } else { Err(()) };
        }
        let path: Vec<String> = text.split("::").map(str::to_owned).collect();
        if path.iter().all(|part| word(part)) { Ok(Item::Plain(path)) } else { Err(()) }
    }
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.file, self.item)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::Plain(path) => f.write_str(&path.join("::")),
            Item::OfTrait { implementor, trait_, name } => write!(f, "<{implementor} as {trait_}>::{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_a_round_trip() {
        for text in [
            "src/varint.rs::encode",
            "src/log/index.rs::Index::lookup",
            "src/a.rs::<Index as Display>::fmt",
            "src/a.rs::<Index as From<Vec<u64>>>::from",
        ] {
            assert_eq!(text.parse::<Hole>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_says_what_is() {
        for text in [
            "src/varint.rs",
            "encode",
            "src/a.rs::",
            "src/a.rs::<A as B>",
            "/etc/a.rs::f",
            "../a.rs::f",
            "src/a.rs::f g",
        ] {
            let error = text.parse::<Hole>().unwrap_err();
            assert!(error.contains(text) && error.contains("src/file.rs::function"), "{error}");
        }
    }

    #[test]
    fn the_name_is_the_last_part() {
        let name = |text: &str| text.parse::<Hole>().unwrap().item.name().to_owned();
        assert_eq!(name("src/a.rs::Index::lookup"), "lookup");
        assert_eq!(name("src/a.rs::<A as From<B>>::from"), "from");
    }
}
