//! Source files that a stage's tests share with those of a lower stage.
//!
//! A test can name a file of another stage: `#[path = "../../03-replication/tests/support/driver/mod.rs"]`. That leads somewhere
//! from where the course keeps the stage, and nowhere from a copy. So a copy gets the whole path, to the course's own file. It
//! is a test's, so no learner's work is passed over.

use std::path::{Component, Path, PathBuf};

const ATTRIBUTE: &str = "#[path = \"";

/// What a file of `stage` holds in a copy.
pub(crate) fn moved(stage: &Path, file: &Path, bytes: Vec<u8>) -> Vec<u8> {
    let is_test = file.starts_with("tests") && file.extension().is_some_and(|extension| extension == "rs");
    match std::str::from_utf8(&bytes) {
        Ok(text) if is_test => anchored(stage, file, text).into_bytes(),
        _ => bytes,
    }
}

/// The text of `file`, which is a path in `stage`, with every path that leads out of the stage written out in full.
fn anchored(stage: &Path, file: &Path, text: &str) -> String {
    let folder = stage.join(file).parent().map(Path::to_owned).unwrap_or_default();
    let mut parts = text.split(ATTRIBUTE);
    let mut anchored = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        anchored.push_str(ATTRIBUTE);
        match part.split_once('"') {
            Some((path, rest)) => {
                let target = normal(&folder.join(path));
                if target.starts_with(stage) {
                    anchored.push_str(path);
                } else {
                    // As in a string of Rust's, in which a backslash stands for something else.
                    anchored.push_str(&target.to_string_lossy().replace('\\', "/"));
                }
                anchored.push('"');
                anchored.push_str(rest);
            }
            None => anchored.push_str(part),
        }
    }
    anchored
}

/// A path without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(normal.pop()),
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_out_of_the_stage_is_written_out() {
        let stage = Path::new("/course/stages/04-acks");
        let text = "#[path = \"../../03-replication/tests/driver/mod.rs\"]\nmod cluster;\n";
        let anchored = anchored(stage, Path::new("tests/stories.rs"), text);
        assert_eq!(anchored, "#[path = \"/course/stages/03-replication/tests/driver/mod.rs\"]\nmod cluster;\n");
    }

    #[test]
    fn a_path_inside_of_it_stays() {
        let stage = Path::new("/course/stages/04-acks");
        let text = "#[path = \"../support/broker.rs\"]\nmod broker;\n";
        assert_eq!(anchored(stage, Path::new("tests/replica/main.rs"), text), text);
    }

    #[test]
    fn other_text_stays() {
        let text = "//! no attribute\nmod a;\n#[path = \"";
        assert_eq!(anchored(Path::new("/course/stages/01-a"), Path::new("tests/a.rs"), text), text);
    }
}
