//! What can go wrong, sorted by whose turn it is.
//!
//! A companion that says "error" leaves its reader guessing: did I mistype, is my code wrong, or is the course broken?
//! So every failure is one of three kinds, and the kind decides the exit code that scripts and CI see:
//!
//! | kind     | whose turn                         | exit code |
//! |----------|------------------------------------|-----------|
//! | `Usage`  | whoever typed the command          | 2         |
//! | `Work`   | the learner, in their own copy     | 1         |
//! | `Broken` | us, the machine or the file system | 3         |
//!
//! A check that fails is no fault: it is the answer that was asked for. It ends with 1 as well.

use std::fmt;
use std::io;
use std::path::Path;

/// A failure, in words that name the thing, the rule and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The command asks for something that does not exist or is not possible at this point.
    Usage(String),
    /// The learner's own files stand in the way: a syntax error, a function that is gone.
    Work(String),
    /// The course, the machine or the file system is at fault.
    Broken(String),
}

/// What nearly every function here returns.
pub(crate) type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// The exit code that tells scripts whose turn it is.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Fault::Work(_) => 1,
            Fault::Usage(_) => 2,
            Fault::Broken(_) => 3,
        }
    }

    /// A file operation that failed. `doing` reads like "write" or "read".
    pub(crate) fn io(doing: &str, path: &Path, error: &io::Error) -> Fault {
        let advice = match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                "\nThe course writes below `exercises` and `target`. Copy it to a folder where you may write, or give yourself the right to."
            }
            io::ErrorKind::StorageFull => "\nThe disk is full. `target` holds nothing that cannot be built again.",
            _ => "",
        };
        Fault::Broken(format!("cannot {doing} {}: {error}{advice}", path.display()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Fault::Usage(text) | Fault::Work(text) | Fault::Broken(text)) = self;
        f.write_str(text)
    }
}
