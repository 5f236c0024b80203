//! `cargo learn book`: builds the book and serves it.
//!
//! The book's own program (`press`) brings a whole book maker along, which takes a while to compile. It is therefore a package
//! of its own that is built when somebody wants the book, and not before. It is built in a target folder of its own
//! (`target/book`), because Cargo lets nobody else into a folder while it builds there: with a shared one, `cargo learn hint` in
//! a second terminal would wait for the book.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cargo::{cannot_run, program};
use crate::course::{Course, Id};
use crate::fault::Result;
use crate::files;
use crate::process::Group;

/// Runs the book's program until it ends. With `open`, shows the address in a browser as soon as it is known.
pub(crate) fn book(course: &Course, build_only: bool, port: Option<u16>, open: bool) -> Result<u8> {
    let mut command = press(course, if build_only { "build" } else { "serve" });
    command.args(port.filter(|_| !build_only).into_iter().flat_map(|port| ["--port".to_owned(), port.to_string()]));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let broken = |error: std::io::Error| cannot_run(program().as_os_str(), &error);
    let mut group = Group::spawn(&mut command).map_err(broken)?;
    let mut unopened = open;
    if let Some(output) = group.child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(std::result::Result::ok) {
            println!("{line}");
            if let (true, Some(address)) = (unopened, address(&line)) {
                unopened = false;
                browse(address);
            }
        }
    }
    let status = group.child.wait().map_err(broken)?;
    Ok(if status.success() { 0 } else { 3 })
}

/// The command that builds or serves the book.
pub(crate) fn press(course: &Course, verb: &str) -> Command {
    let mut command = Command::new(program());
    command.args(["run", "--quiet", "--manifest-path"]).arg(course.root.join("Cargo.toml"));
    command.arg("--target-dir").arg(course.root.join("target").join("book"));
    command.args(["--package", "press", "--", verb]).current_dir(&course.root);
    command
}

/// The address in a line that the book's program prints.
pub(crate) fn address(line: &str) -> Option<&str> {
    let start = line.find("http://")?;
    let rest = &line[start..];
    Some(rest.split([' ', '\x1b', ')', '>', '`']).next().unwrap_or(rest).trim_end_matches(['.', ',']))
}

/// Opens a page in the browser, if there is a program for it.
pub(crate) fn browse(address: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(opener);
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if command.spawn().is_err() {
        println!("(no `{opener}` here: open {address} yourself)");
    }
}

/// Where the book shows an exercise, as the end of an address: `01-segment-log.html#exercise-1-4`.
pub(crate) fn page(course: &Course, id: Id) -> Option<String> {
    let source = course.root.join("book").join("src");
    let directive = format!("{{{{#exercise {id}}}}}");
    let shows = |path: &PathBuf| {
        let markdown = path.extension().is_some_and(|extension| extension == "md");
        markdown && files::read_text(&source.join(path)).ok().flatten().is_some_and(|text| text.contains(&directive))
    };
    let page = files::walk(&source, &[]).ok()?.into_iter().find(shows)?;
    // mdBook makes the index of a folder from its README.
    let page = if page.ends_with("README.md") { page.with_file_name("index.md") } else { page };
    let page = files::slashed(&page.with_extension("html"));
    Some(format!("{page}#exercise-{}-{}", id.stage, id.number))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_is_found_in_a_sentence() {
        assert_eq!(address("The book is at http://127.0.0.1:4123/."), Some("http://127.0.0.1:4123/"));
        assert_eq!(address("http://127.0.0.1:80 (q ends)"), Some("http://127.0.0.1:80"));
        assert_eq!(address("built 12 pages"), None);
    }
}
