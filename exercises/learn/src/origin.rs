//! What a copy was made from: `work/.origin.toml`.
//!
//! For each file that `cargo learn` wrote, a hash of what it wrote there (of a source file with holes: of what stands outside
//! the holes that were started). With it, four cases can be told apart when the course changes under a copy, say by `git pull`:
//!
//! | the learner's file | the reference's file | so                                        |
//! |--------------------|----------------------|-------------------------------------------|
//! | as written         | as it was            | nothing to do                             |
//! | as written         | changed              | updated; what stands in the holes is kept |
//! | changed            | as it was            | left alone                                |
//! | changed            | changed              | left alone, with a note that names it     |

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::course::Id;
use crate::fault::{Fault, Result};
use crate::files;

const NAME: &str = ".origin.toml";

/// The content of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The exercises whose holes were emptied here.
    pub(crate) started: Vec<Id>,
    /// The hash of the course's `Cargo.lock` when it was copied.
    #[serde(default)]
    pub(crate) lock: String,
    /// By path relative to the copy, with `/`.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
}

impl Origin {
    /// Reads it. `None` if there is none or it cannot be understood: then nothing is known of the copy.
    pub(crate) fn load(work: &Path) -> Result<Option<Origin>> {
        let text = files::read_text(&work.join(NAME))?;
        Ok(text.and_then(|text| toml::from_str(&text).ok()))
    }

    /// Writes it.
    pub(crate) fn save(&self, work: &Path) -> Result<()> {
        let text = toml::to_string(self).map_err(|error| Fault::Broken(error.to_string()))?;
        let text = format!("# Kept by `cargo learn`: what this copy was made from.\n{text}");
        files::write_if_changed(&work.join(NAME), text.as_bytes()).map(drop)
    }
}
