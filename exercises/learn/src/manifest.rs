//! Rewrites a stage's `Cargo.toml` so that a copy of the stage stands on its own.
//!
//! In the course, a stage inherits versions, dependencies and lints from the root manifest. A copy is a workspace of its
//! own, so a half-written exercise never breaks the course's build. Therefore:
//!
//! - what says `workspace = true` is written out;
//! - path dependencies point back to the reference crates, or to the learner's own copy of a lower stage;
//! - the root's profiles and patches are repeated, because Cargo reads them from a workspace's root only. What the root says of
//!   single packages is not: it makes long tests shorter and builds longer, and here builds are what is waited for;
//! - lints are replaced by a few that a person wants to see while a function is half written;
//! - benchmarks are left out.
//!
//! Comments are lost on the way. The reference has them.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::fault::{Fault, Result};
use crate::files;

/// The tables in which dependencies stand, also below `target.*`.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Everything a manifest's copy depends on.
pub(crate) struct Rewrite<'a> {
    /// The root of the course and its manifest.
    pub(crate) root: &'a Path,
    pub(crate) root_manifest: &'a Table,
    /// The stage's folder.
    pub(crate) from: &'a Path,
    /// The copy's folder.
    pub(crate) to: &'a Path,
    /// The learner's own copy that stands in for a crate of the course, if there is one.
    pub(crate) own: &'a dyn Fn(&Path) -> Option<PathBuf>,
    /// The name of a copy that is not a learner's, and in which every warning is silenced. It becomes a part of the
    /// version: for Cargo, two packages of one name and version that are roots of their workspaces are one and the same,
    /// wherever they lie, and in one target folder the second would be taken for the first.
    pub(crate) mark: Option<&'a str>,
}

/// Parses a manifest.
pub(crate) fn parse(path: &Path) -> Result<Table> {
    let text = files::need_text(path)?;
    text.parse().map_err(|error| Fault::Broken(format!("{}: {error}", path.display())))
}

/// The folders of a package's path dependencies. With `dev`, those of its tests as well.
pub(crate) fn path_dependencies(root: &Path, root_manifest: &Table, package: &Path, dev: bool) -> Result<Vec<PathBuf>> {
    let mut manifest = parse(&package.join("Cargo.toml"))?;
    let mut paths = Vec::new();
    each_dependency_table(&mut manifest, &mut |kind, table| {
        if kind == "dev-dependencies" && !dev {
            return Ok(());
        }
        for (name, value) in table.iter() {
            let (resolved, base) = inherit(root, root_manifest, package, name, value)?;
            if let Some(path) = resolved.get("path").and_then(Value::as_str) {
                paths.push(files::join(base, Path::new(path)));
            }
        }
        Ok(())
    })?;
    paths.sort();
    paths.dedup();
    Ok(paths)
}

impl Rewrite<'_> {
    /// The text of the copy's `Cargo.toml`.
    pub(crate) fn text(&self) -> Result<String> {
        let mut manifest = parse(&self.from.join("Cargo.toml"))?;
        self.package(&mut manifest)?;
        each_dependency_table(&mut manifest, &mut |_, table| self.dependencies(table))?;
        for gone in ["bench", "lints", "workspace"] {
            manifest.remove(gone);
        }
        manifest.insert("lints".to_owned(), lints(self.mark.is_some()));
        manifest.insert("workspace".to_owned(), self.workspace());
        for (name, table) in [("profile", self.profiles()), ("patch", self.patch())] {
            if let Some(table) = table {
                manifest.insert(name.to_owned(), table);
            }
        }
        let origin = files::slashed(&files::relative(self.root, self.from));
        let text = toml::to_string(&manifest).map_err(|error| Fault::Broken(error.to_string()))?;
        Ok(format!(
            "# Made by `cargo learn` from {origin}/Cargo.toml.\n# You may add dependencies: once you have changed this file, it is left alone, but for the paths to the stages below.\n\n{text}"
        ))
    }

    fn profiles(&self) -> Option<Value> {
        let mut profiles = self.root_manifest.get("profile").cloned()?;
        let tables = profiles.as_table_mut().into_iter().flatten();
        tables.filter_map(|(_, profile)| profile.as_table_mut()).for_each(|profile| drop(profile.remove("package")));
        Some(profiles)
    }

    fn package(&self, manifest: &mut Table) -> Result<()> {
        let Some(Value::Table(package)) = manifest.get_mut("package") else {
            return Err(Fault::Broken(format!("{} has no [package]", self.from.join("Cargo.toml").display())));
        };
        let shared = self.root_manifest.get("workspace").and_then(|workspace| workspace.get("package"));
        let mut resolved = Table::new();
        for (key, value) in package.iter() {
            let inherits = value.get("workspace").and_then(Value::as_bool) == Some(true);
            // Paths to a licence or a readme say nothing that a copy needs.
            if ["readme", "license-file"].contains(&key.as_str()) {
                continue;
            }
            let value = if inherits { shared.and_then(|shared| shared.get(key)) } else { Some(value) };
            let value = value.ok_or_else(|| {
                Fault::Broken(format!("{}: `{key}` is inherited, but the root does not set it", self.from.display()))
            })?;
            resolved.insert(key.clone(), value.clone());
        }
        if let (Some(mark), Some(Value::String(version))) = (self.mark, resolved.get_mut("version")) {
            *version = format!("{version}+{mark}");
        }
        *package = resolved;
        Ok(())
    }

    fn dependencies(&self, table: &mut Table) -> Result<()> {
        for (name, value) in table.iter_mut() {
            let (mut resolved, base) = inherit(self.root, self.root_manifest, self.from, name, value)?;
            if let Some(Value::String(path)) = resolved.get_mut("path") {
                *path = self.point(base, path);
            }
            *value = Value::Table(resolved);
        }
        Ok(())
    }

    /// A path of the reference's, as the copy must write it.
    fn point(&self, base: &Path, path: &str) -> String {
        let place = files::join(base, Path::new(path));
        let place = (self.own)(&place).unwrap_or(place);
        files::slashed(&files::relative(self.to, &place))
    }

    fn workspace(&self) -> Value {
        let resolver = self.root_manifest.get("workspace").and_then(|workspace| workspace.get("resolver"));
        Value::Table(resolver.map(|resolver| ("resolver".to_owned(), resolver.clone())).into_iter().collect())
    }

    fn patch(&self) -> Option<Value> {
        let mut patch = self.root_manifest.get("patch")?.clone();
        let sources = patch.as_table_mut()?.iter_mut().filter_map(|(_, source)| source.as_table_mut());
        for value in sources.flat_map(|source| source.iter_mut().map(|(_, value)| value)) {
            if let Some(Value::String(path)) = value.get_mut("path") {
                *path = files::slashed(&files::relative(self.to, &files::join(self.root, Path::new(path))));
            }
        }
        Some(patch)
    }
}

/// Writes out one dependency, and says to which folder its path is relative.
fn inherit<'p>(
    root: &'p Path,
    root_manifest: &Table,
    package: &'p Path,
    name: &str,
    value: &Value,
) -> Result<(Table, &'p Path)> {
    if value.get("workspace").and_then(Value::as_bool) != Some(true) {
        return Ok((spelled_out(value), package));
    }
    let shared = root_manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let shared = shared.and_then(|shared| shared.get(name)).ok_or_else(|| {
        Fault::Broken(format!("{}: `{name}` is inherited, but the root does not list it", package.display()))
    })?;
    let mut resolved = spelled_out(shared);
    for (key, own) in value.as_table().into_iter().flatten() {
        match (key.as_str(), resolved.get_mut(key), own) {
            ("workspace", ..) => {}
            ("features", Some(Value::Array(features)), Value::Array(more)) => features.extend(more.iter().cloned()),
            _ => {
                resolved.insert(key.clone(), own.clone());
            }
        }
    }
    Ok((resolved, root))
}

fn spelled_out(value: &Value) -> Table {
    match value {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    }
}

fn each_dependency_table(manifest: &mut Table, act: &mut dyn FnMut(&str, &mut Table) -> Result<()>) -> Result<()> {
    for kind in DEPENDENCIES {
        if let Some(Value::Table(table)) = manifest.get_mut(kind) {
            act(kind, table)?;
        }
    }
    if let Some(Value::Table(targets)) = manifest.get_mut("target") {
        for (_, target) in targets.iter_mut() {
            if let Value::Table(target) = target {
                each_dependency_table(target, act)?;
            }
        }
    }
    Ok(())
}

/// A function whose body is missing leaves its parameters, its imports and its helpers unused. A forgotten `Result` is
/// worth a word even then.
fn lints(silent: bool) -> Value {
    let level = |level: &str, priority: i64| {
        let pairs = [("level", Value::from(level)), ("priority", Value::from(priority))];
        Value::Table(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    };
    let rust: Table = if silent {
        Table::from_iter([("warnings".to_owned(), level("allow", 0))])
    } else {
        Table::from_iter([("unused".to_owned(), level("allow", -1)), ("unused_must_use".to_owned(), level("warn", 0))])
    };
    Value::Table(Table::from_iter([("rust".to_owned(), Value::Table(rust))]))
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
