//! Asks Cargo to compile a copy, and reads its answer as data.
//!
//! A build is first tried with `--offline`: a copy has the course's own lock file, so all that it needs is here as soon as it
//! was built once. Where something is missing Cargo says so, and the build is tried again with the network.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::fault::{Fault, Result};
use crate::process::{self, End, Limits, Stop};

/// A Cargo command, its manifest and its target folder.
pub(crate) struct Build<'a> {
    pub(crate) manifest: &'a Path,
    pub(crate) target: &'a Path,
    pub(crate) colour: bool,
    pub(crate) stop: Stop,
    /// Hears what Cargo is doing.
    pub(crate) on_line: &'a mut dyn FnMut(&str),
}

/// How a build ended.
#[derive(Debug)]
pub(crate) enum Built {
    Ready(Products),
    /// What the compiler says, error by error.
    Errors(Vec<String>),
    /// Cargo itself failed: a manifest, the network, the disk.
    Failed(String),
    /// Nobody waits for it any more.
    Stopped,
}

/// What a build has made.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Products {
    /// The test programs, by the names of their targets.
    pub(crate) programs: BTreeMap<String, PathBuf>,
    /// All other programs, by the names of their targets.
    pub(crate) executables: BTreeMap<String, PathBuf>,
    /// The manifests of all packages that went into it: what was really used, whatever any file says.
    pub(crate) manifests: BTreeSet<PathBuf>,
}

/// A program that is no test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Program {
    Binary(String),
    Example(String),
}

impl Program {
    pub(crate) fn name(&self) -> &str {
        let (Program::Binary(name) | Program::Example(name)) = self;
        name
    }
}

#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Line {
    CompilerMessage {
        message: Message,
    },
    CompilerArtifact {
        target: Target,
        executable: Option<PathBuf>,
        #[serde(default)]
        manifest_path: PathBuf,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    rendered: Option<String>,
    #[serde(default)]
    spans: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// The program that runs us, so that a chosen toolchain is kept.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

impl Build<'_> {
    /// Compiles the integration tests of these names.
    pub(crate) fn tests(&mut self, targets: &[&str]) -> Result<Built> {
        let each = targets.iter().flat_map(|target| ["--test", target]);
        let arguments: Vec<&str> = ["test", "--no-run"].into_iter().chain(each).collect();
        self.build(&arguments)
    }

    /// Compiles the library and the programs, as their tests need them. What they depend on is compiled as for
    /// [`tests`](Build::tests), so that it is not compiled twice.
    pub(crate) fn sources(&mut self) -> Result<Built> {
        self.build(&["test", "--no-run", "--lib", "--bins"])
    }

    /// Compiles everything that `cargo test` runs.
    pub(crate) fn everything(&mut self) -> Result<Built> {
        self.build(&["test", "--no-run"])
    }

    /// Compiles a program that has much to do, so that it runs fast.
    pub(crate) fn program(&mut self, program: &Program) -> Result<Built> {
        match program {
            Program::Binary(name) => self.build(&["build", "--release", "--bin", name]),
            Program::Example(name) => self.build(&["build", "--release", "--example", name]),
        }
    }

    fn build(&mut self, arguments: &[&str]) -> Result<Built> {
        let offline: Vec<&str> = arguments.iter().copied().chain(["--offline"]).collect();
        match self.once(&offline)? {
            Built::Failed(why) if why.contains("offline") => self.once(arguments),
            built => Ok(built),
        }
    }

    fn once(&mut self, arguments: &[&str]) -> Result<Built> {
        let format = if self.colour { "json-diagnostic-rendered-ansi" } else { "json" };
        let mut command = Command::new(program());
        command.args(arguments).arg("--manifest-path").arg(self.manifest);
        command.arg("--target-dir").arg(self.target).args(["--message-format", format]);
        let limits = Limits { stop: self.stop.clone(), on_line: Some(self.on_line), ..Limits::default() };
        let ran = process::run(&mut command, limits).map_err(|error| cannot_run(command.get_program(), &error))?;
        Ok(match ran.end {
            End::Stopped => Built::Stopped,
            End::Code(0) => Built::Ready(read(&ran.stdout).0),
            _ => match read(&ran.stdout).1 {
                errors if errors.is_empty() => Built::Failed(ran.stderr),
                errors => Built::Errors(errors),
            },
        })
    }
}

/// That a program could not even be started.
pub(crate) fn cannot_run(program: &OsStr, error: &std::io::Error) -> Fault {
    Fault::Broken(format!("cannot run `{}`: {error}. Is Rust installed, and in your PATH?", program.to_string_lossy()))
}

fn read(stdout: &str) -> (Products, Vec<String>) {
    let (mut products, mut errors) = (Products::default(), Vec::new());
    for line in stdout.lines().filter_map(|line| serde_json::from_str(line).ok()) {
        match line {
            Line::CompilerArtifact { target, executable, manifest_path } => {
                products.manifests.insert(manifest_path);
                let is_test = target.kind.iter().any(|kind| kind == "test");
                let kind = if is_test { &mut products.programs } else { &mut products.executables };
                kind.extend(executable.map(|path| (target.name, path)));
            }
            Line::CompilerMessage { message } if message.level.starts_with("error") => {
                let text = message.rendered.unwrap_or_default();
                // "aborting due to 2 previous errors" says nothing and points nowhere.
                let summary = message.spans.is_empty() && text.contains("aborting due to");
                if !summary && !errors.contains(&text) {
                    errors.push(text);
                }
            }
            _ => {}
        }
    }
    (products, errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_once_and_without_the_summary() {
        let error = r#"{"reason":"compiler-message","message":{"level":"error","rendered":"error[E0425]: no","spans":[{"a":1}]}}"#;
        let warning =
            r#"{"reason":"compiler-message","message":{"level":"warning","rendered":"warning: hm","spans":[]}}"#;
        let summary = r#"{"reason":"compiler-message","message":{"level":"error","rendered":"error: aborting due to 1 previous error","spans":[]}}"#;
        let stdout =
            [error, warning, error, summary, r#"{"reason":"build-finished","success":false}"#, "no json"].join("\n");
        let (products, errors) = read(&stdout);
        assert_eq!(products, Products::default());
        assert_eq!(errors, ["error[E0425]: no"]);
    }

    #[test]
    fn tests_and_other_programs_are_told_apart_and_every_package_is_named() {
        let artifact = |kind: &str, name: &str, path: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"name":"{name}","kind":["{kind}"]}},"executable":{path},"manifest_path":"/{kind}/Cargo.toml"}}"#
            )
        };
        let stdout = [
            artifact("lib", "toy", "null"),
            artifact("bin", "toy", "\"/t/toy\""),
            artifact("test", "varint", "\"/t/varint-1\""),
        ]
        .join("\n");
        let (Products { programs, executables, manifests }, errors) = read(&stdout);
        assert_eq!(programs, BTreeMap::from([("varint".to_owned(), PathBuf::from("/t/varint-1"))]));
        assert_eq!(executables, BTreeMap::from([("toy".to_owned(), PathBuf::from("/t/toy"))]));
        assert_eq!(manifests, ["bin", "lib", "test"].map(|kind| PathBuf::from(format!("/{kind}/Cargo.toml"))).into());
        assert!(errors.is_empty());
    }
}
