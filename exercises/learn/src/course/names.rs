//! The names of exercises and of tests, as people write them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `1.4`: the fourth exercise of the first stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Id {
    pub(crate) stage: u8,
    pub(crate) number: u8,
}

/// `varint::small_numbers`: the integration test's file, then the path of the test function in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct TestName {
    pub(crate) target: String,
    pub(crate) path: String,
}

impl FromStr for Id {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Id, String> {
        let parts = text.split_once('.').map(|(stage, number)| (stage.parse(), number.parse()));
        match parts {
            Some((Ok(stage), Ok(number))) => Ok(Id { stage, number }),
            _ => Err(format!("`{text}` is no exercise. Write the stage's number, a dot and the exercise's: 1.4")),
        }
    }
}

impl TryFrom<String> for Id {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Id, String> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> String {
        id.to_string()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.stage, self.number))
    }
}

impl TryFrom<String> for TestName {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<TestName, String> {
        match text.split_once("::") {
            Some((target, path)) if !target.is_empty() && !path.is_empty() => {
                Ok(TestName { target: target.to_owned(), path: path.to_owned() })
            }
            _ => Err(format!("`{text}` is no test. Write the file's name in `tests`, then the function: varint::zero")),
        }
    }
}

impl fmt::Display for TestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.target, self.path)
    }
}
