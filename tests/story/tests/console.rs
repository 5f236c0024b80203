//! Console blocks that use programs, as a stage's test checks a page of the book.
#![cfg(unix)]

use std::env;
use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;

use story::console;

/// A program that is on every machine which can run these tests.
fn sh() -> PathBuf {
    let path = env::var_os("PATH").expect("a PATH");
    env::split_paths(&path).map(|folder| folder.join("sh")).find(|file| file.is_file()).expect("`sh` on the PATH")
}

fn check(text: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    fs::write(&page, text).unwrap();
    console::check(&page, &[("demo-shell", sh()), ("demo", sh())])
}

#[test]
fn a_program_is_found_by_its_name_and_behind_cargo() {
    let blocks = "```console\n$ demo -c 'echo \"$1 $2\"' x 'a  b' c\na  b c\n$ printf 'echo in' | cargo demo-shell\nin\n```\n\
                  ```console,status=4\n$ cargo demo -c 'echo \"$#\"; exit 4' x '' y\n2\n```\n";
    assert_eq!(check(blocks), 3);
}

#[test]
fn cargo_does_nothing_else() {
    let refused = "cargo build: only these can be used on this page: cargo demo-shell, cargo demo";
    assert_eq!(check(&format!("```console,status=101\n$ cargo build --release\n{refused}\n```\n")), 1);
}

#[test]
fn a_page_shows_the_address_that_its_reader_gets() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    let serve = r#"trap 'echo stopped; exit 0' TERM; echo "serving at ${DEMO_LISTEN%:0}:4711"; while :; do :; done"#;
    let blocks = format!(
        "```console\n$ echo '{}' > serve\n$ cargo demo serve &\nserving at 127.0.0.1:9092\n\
         $ cargo demo -c 'echo \"asking $DEMO\"'\nasking 127.0.0.1:9092\n$ kill %1\nstopped\n```\n",
        serve.replace('\'', "'\\''")
    );
    fs::write(&page, blocks).unwrap();
    let port = console::Port { shown: "127.0.0.1:9092", listen: "DEMO_LISTEN", connect: "DEMO" };
    assert_eq!(console::check_with_server(&page, &[("demo", sh())], port), 4);
}

#[test]
fn a_page_that_shows_something_else_fails_the_test() {
    // An update would accept the difference, and this page is made to differ.
    if env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
        return;
    }
    let panic = catch_unwind(|| check("```console\n$ demo -c 'echo hi'\nho\n```\n")).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("page.md:2: `demo -c 'echo hi'` prints something else"), "{message}");
    assert!(message.contains("\n- ho\n+ hi\n"), "{message}");
}
