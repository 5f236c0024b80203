//! The story player in a browser, without a window: keys, buttons, pictures, themes and widths.
//!
//! `fixtures/drive.html` does the driving and says what it found; what each view must show is in a script beside it. Where
//! no Chromium is installed, this says so and passes.

mod common;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{Course, serving};
use serde::Deserialize;

const DRIVE: [(&str, &str); 5] = [
    ("drive.html", include_str!("fixtures/drive.html")),
    ("drive-log.js", include_str!("fixtures/drive-log.js")),
    ("drive-topics.js", include_str!("fixtures/drive-topics.js")),
    ("drive-replicas.js", include_str!("fixtures/drive-replicas.js")),
    ("drive-producers.js", include_str!("fixtures/drive-producers.js")),
];

/// Stories of other views than the course's own: their names and traces.
const STORIES: [(&str, &str); 8] = [
    ("growing_moves_keys", include_str!("fixtures/growing_moves_keys.json")),
    ("a_slow_consumer", include_str!("fixtures/a_slow_consumer.json")),
    ("the_high_watermark_follows", include_str!("fixtures/the_high_watermark_follows.json")),
    ("truncation_to_the_high_watermark_loses", include_str!("fixtures/truncation_to_the_high_watermark_loses.json")),
    ("truncation_to_the_high_watermark_forks", include_str!("fixtures/truncation_to_the_high_watermark_forks.json")),
    ("what_is_cut_off_is_forgotten", include_str!("fixtures/what_is_cut_off_is_forgotten.json")),
    ("markers_come_one_by_one", include_str!("fixtures/markers_come_one_by_one.json")),
    ("what_is_aborted_is_never_seen", include_str!("fixtures/what_is_aborted_is_never_seen.json")),
];

/// Many times what a run takes.
const LONGEST: Duration = Duration::from_secs(300);

const CHAPTER: &str = "# The log\n\nThe {{#term LEO}}.\n\n{{#story tour}}\n\nAfter.\n\n{{#story growing_moves_keys}}\n\n\
                       {{#story a_slow_consumer}}\n\n{{#story the_high_watermark_follows}}\n\n\
                       {{#story truncation_to_the_high_watermark_loses}}\n\n\
                       {{#story truncation_to_the_high_watermark_forks}}\n\n{{#story what_is_cut_off_is_forgotten}}\n\n\
                       {{#story markers_come_one_by_one}}\n\n{{#story what_is_aborted_is_never_seen}}\n\n```quiz\n[[question]]\nprompt = \"Why?\"\n\
                       answers = [\"a\", \"b\"]\ncorrect = 1\nwhy = \"So.\"\n```\n";

#[derive(Debug, Deserialize)]
struct Finding {
    what: String,
    ok: bool,
    found: String,
}

#[test]
fn the_player_plays() {
    let Some(chromium) = chromium() else {
        // Not println!, which is shown for failing tests alone.
        let _ = writeln!(std::io::stderr(), "the_player_plays: skipped, for no Chromium is installed here");
        return;
    };
    let mut site = course().build().site;
    for (path, text) in DRIVE {
        site.put(path, text);
    }
    let dom = serving(site, |server| dump_dom(&chromium, &format!("http://{}/drive.html", server.address())));
    let json = dom
        .split_once("<script id=\"results\" type=\"application/json\">")
        .and_then(|(_, rest)| rest.split_once("</script>"));
    let (json, _) = json.unwrap_or_else(|| panic!("the page holds no results:\n{dom}"));
    assert!(!json.is_empty(), "the page did not come to its end");
    let findings: Vec<Finding> = serde_json::from_str(json).unwrap();
    let failed: Vec<String> =
        findings.iter().filter(|one| !one.ok).map(|one| format!("{}: {}", one.what, one.found)).collect();
    assert!(failed.is_empty(), "{} of {} checks failed:\n{}", failed.len(), findings.len(), failed.join("\n"));
    assert!(findings.len() > 5_000, "only {} checks ran", findings.len());
}

fn course() -> Course {
    let course = Course::with_chapter(CHAPTER);
    for (name, trace) in STORIES {
        let snapshots = "stages/01-segment-log/tests/snapshots";
        course.write(&format!("{snapshots}/traces/{name}.json"), trace);
        course.write(&format!("{snapshots}/stories__{name}.snap"), format!("---\nsource: none\n---\n# {name}\n"));
    }
    course
}

/// The page after its scripts ran. Time in the browser is virtual: it passes when there is nothing to do.
fn dump_dom(chromium: &Path, url: &str) -> String {
    let profile = tempfile::tempdir().unwrap();
    let mut child = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args([
            "--force-prefers-reduced-motion",
            "--window-size=1400,1000",
            "--virtual-time-budget=40000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut dom = String::new();
        let read = stdout.read_to_string(&mut dom);
        let _ = send.send(read.map(|_| dom));
    });
    let dom = receive.recv_timeout(LONGEST);
    let _ = child.kill();
    let _ = child.wait();
    dom.expect("Chromium did not end in time").unwrap()
}

fn chromium() -> Option<PathBuf> {
    const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    const PLACES: [&str; 2] = [
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let in_path = folders.iter().flat_map(|folder| NAMES.map(|name| folder.join(name)));
    in_path.chain(PLACES.map(PathBuf::from)).find(|path| path.is_file())
}
