//! Kafka's own dump tool reads what `append` wrote.
//!
//! It needs Java 17, Maven, and once a network, so it runs only on demand:
//! `KAFKA_TOOLS=1 cargo test -p segment-log --test cli kafka -- --nocapture`.

use std::path::PathBuf;
use std::process::Command;

use crate::program::{Program, TIME, course};

#[test]
fn kafka_reads_every_codec() {
    if std::env::var_os("KAFKA_TOOLS").is_none() {
        println!("skipped: set KAFKA_TOOLS=1 to run Kafka's dump tool, which needs Java 17 and Maven");
        return;
    }
    let program = Program::new();
    let lines: String = (0..2000).map(|number| format!("user-{}:event {number}\n", number % 7)).collect();
    let mut files = Vec::new();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let settings = "--key-separator : --segment-bytes 40000 --index-interval-bytes 1000";
        program.run_with(&format!("append {codec} --compression {codec} {settings} {TIME}"), &lines);
        files.extend(stored(&program.path(codec).join("log-0")));
    }
    assert!(files.len() > 5 * 3, "at least one log has rolled: {files:?}");
    let script = course().join("tests/oracle/dump.sh");
    let output = Command::new("sh").arg(script).args(&files).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(77) {
        println!("{err}");
        return;
    }
    assert!(output.status.success(), "{err}");
    assert_eq!(out.matches("isvalid: true").count(), 5 * 20, "{out}");
    assert_eq!(out.matches("\n| offset: ").count(), 5 * 2000);
    assert_eq!(out.matches("key: user-4 payload: event 1999\n").count(), 5);
}

fn stored(log: &std::path::Path) -> impl Iterator<Item = PathBuf> {
    let files = std::fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension != "snapshot"))
}
