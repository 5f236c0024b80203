//! The book's commands, typed as printed, give what is printed.

use std::path::{Path, PathBuf};

use story::console::{Port, check_with_server};

const PORT: Port = Port { shown: "127.0.0.1:9092", listen: "TRANSACTIONS_LISTEN", connect: "TRANSACTIONS_BROKER" };

/// A page of the book. A learner's copy of this stage lies elsewhere in the same repository, so the way leads upward.
fn page(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().find(|folder| folder.join("book/src").is_dir());
    root.expect("the repository has a folder book/src").join("book/src").join(name)
}

#[test]
fn chapter_6_prints_what_its_commands_print() {
    let program = Path::new(env!("CARGO_BIN_EXE_transactions"));
    assert!(check_with_server(page("06-transactions.md"), &[("transactions", program)], PORT) >= 8);
}
