//! Small file operations that every other module shares.
//!
//! Two habits live here. A file is written whole or not at all (to a neighbour, then renamed), so that Ctrl-C leaves the
//! old text or the new one. And a file whose content would not change is not written, so that its time stamp stays and
//! Cargo does not compile it again.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fault::{Fault, Result};

/// Reads a file; `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::io("read", path, &error)),
    }
}

/// Reads a text file; `None` if there is none, a fault if it is not UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|_| Fault::Work(format!("{} is not UTF-8 text. Save it as UTF-8.", path.display())))
}

/// Reads a text file that the course cannot do without.
pub(crate) fn need_text(path: &Path) -> Result<String> {
    read_text(path)?.ok_or_else(|| Fault::Broken(format!("{} is missing from the course", path.display())))
}

/// Writes a file whole or not at all, with the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Fault::io("create", folder, &error))?;
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let beside = folder.join(format!(".learn-{}-{turn}.part", std::process::id()));
    let done = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    done.map_err(|error| {
        // The part file is ours and half written: nobody misses it.
        let _ = fs::remove_file(&beside);
        Fault::io("write", path, &error)
    })
}

/// Writes a file unless it already says the same. Returns whether it was written.
pub(crate) fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if read(path)?.as_deref() == Some(bytes) {
        return Ok(false);
    }
    write(path, bytes)?;
    Ok(true)
}

/// Removes a file; it may be gone already.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Fault::io("remove", path, &error)),
        _ => Ok(()),
    }
}

/// All files below a folder, as sorted paths relative to it. Hidden files and the folders in `skip` (at the top) are
/// left out; a folder that is not there has no files.
pub(crate) fn walk(folder: &Path, skip: &[&str]) -> Result<Vec<PathBuf>> {
    walk_where(folder, &|path| !skip.iter().any(|skip| path == Path::new(skip)))
}

/// The same for those files and folders, relative to it, that `keep` wants.
pub(crate) fn walk_where(folder: &Path, keep: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        let at = folder.join(&below);
        let entries = match fs::read_dir(&at) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Fault::io("list", &at, &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| Fault::io("list", &at, &error))?;
            let name = entry.file_name();
            let path = below.join(&name);
            if name.to_string_lossy().starts_with('.') || !keep(&path) {
                continue;
            }
            let is_folder = entry.path().is_dir();
            if is_folder { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// The path that leads from the folder `from` to `to`. Both must be absolute; nothing is looked up on disk.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to) = (from.components().collect::<Vec<_>>(), to.components().collect::<Vec<_>>());
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[same..].iter().map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to[same..].iter().copied()).collect();
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

/// Joins and resolves `.` and `..` by the text alone, so that it also works for folders that do not exist yet.
pub(crate) fn join(base: &Path, path: &Path) -> PathBuf {
    let mut joined = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                joined.pop();
            }
            part => joined.push(part),
        }
    }
    joined
}

/// A path written with `/` on every system, as it stands in TOML files and messages.
pub(crate) fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// FNV-1a, 64 bits: tells whether a text is still the one we wrote. It need not resist an attacker, and it must mean
/// the same in every version of Rust, which the standard library's hasher does not promise.
pub(crate) fn hash(bytes: &[u8]) -> String {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_go_up_and_down() {
        let work = Path::new("/c/exercises/01/work");
        assert_eq!(relative(work, Path::new("/c/tests/story")), Path::new("../../../tests/story"));
        assert_eq!(relative(work, Path::new("/c/exercises/01/work/src")), Path::new("src"));
        assert_eq!(relative(work, work), Path::new("."));
    }

    #[test]
    fn join_resolves_dots_without_a_disk() {
        let joined = join(Path::new("/c/stages/02"), Path::new("../../tests/./story"));
        assert_eq!(joined, Path::new("/c/tests/story"));
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // The test vectors of its authors.
        assert_eq!(hash(b""), "cbf29ce484222325");
        assert_eq!(hash(b"foobar"), "85944171f73967e8");
    }

    #[test]
    fn a_file_that_would_not_change_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/file.rs");
        assert!(write_if_changed(&path, b"one").unwrap());
        let stamp = fs::metadata(&path).unwrap().modified().unwrap();
        assert!(!write_if_changed(&path, b"one").unwrap());
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), stamp);
        assert!(write_if_changed(&path, b"two").unwrap());
        assert_eq!(walk(folder.path(), &[]).unwrap(), [PathBuf::from("deep/er/file.rs")]);
    }

    #[test]
    fn walk_skips_hidden_files_and_named_folders_at_the_top_only() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["target/a", "src/target/b", "src/.hidden", "c"] {
            write(&folder.path().join(name), b"").unwrap();
        }
        assert_eq!(walk(folder.path(), &["target"]).unwrap(), [PathBuf::from("c"), PathBuf::from("src/target/b")]);
        assert!(walk(&folder.path().join("nowhere"), &[]).unwrap().is_empty());
    }
}
