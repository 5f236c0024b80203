//! Kafka's own dump tool reads what our program wrote, with each codec.
//!
//! It needs Java 17 and Maven, and the first run fetches Kafka's packages. So it runs only where it is asked to:
//! `FTLU_KAFKA=1 cargo test -p segment-log --test oracle -- --nocapture`.
#![cfg(unix)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RECORDS: usize = 300;

fn dump_script() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scripts = here.ancestors().map(|folder| folder.join("tests/oracle/dump.sh"));
    scripts.into_iter().find(|script| script.is_file()).expect("the repository has tests/oracle/dump.sh")
}

/// Fills a log through the program, in segments small enough that there are several. Gives the files of the log.
fn fill(data: &Path, codec: &str) -> Vec<PathBuf> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_segment-log"));
    program.arg("append").arg(data).args(["--compression", codec, "--key-separator", ":", "--batch", "10"]);
    program.args(["--segment-bytes", "3000", "--index-interval-bytes", "500", "--timestamp", "1700000000000"]);
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program starts");
    let lines: String = (0..RECORDS).map(|number| format!("customer-{}:paid {number}\n", number % 7)).collect();
    child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("it reads");
    assert!(child.wait().expect("it ends").success());
    let files = std::fs::read_dir(data.join("log-0")).expect("a log").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_none_or(|ending| ending != "snapshot")).collect();
    files.sort();
    files
}

#[test]
fn kafkas_dump_tool_reads_every_codec() {
    if std::env::var_os("FTLU_KAFKA").is_none() {
        eprintln!("skipped: set FTLU_KAFKA=1 to run Kafka's own tool (Java 17 and Maven)");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let files = fill(&folder.path().join(codec), codec);
        let output = Command::new("sh").arg(dump_script()).args(&files).output().expect("sh is there");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.code() == Some(77) {
            eprintln!("skipped: {err}");
            return;
        }
        assert!(output.status.success(), "{codec}: Kafka's tool finds a fault.\n{err}\n{out}");
        let records = out.lines().filter(|line| line.trim_start().starts_with("| offset:")).count();
        assert_eq!(records, RECORDS, "{codec}:\n{out}");
        let batches: Vec<_> = out.lines().filter(|line| line.starts_with("baseOffset:")).collect();
        assert_eq!(batches.len(), RECORDS / 10, "{codec}:\n{out}");
        let valid = |line: &&str| line.contains(&format!("compresscodec: {codec}")) && line.ends_with("isvalid: true");
        assert!(batches.iter().all(valid), "{codec}:\n{out}");
        eprintln!("{codec}: {} files, {} batches, {records} records; the first batch:", files.len(), batches.len());
        eprintln!("  {}", batches[0]);
    }
}
