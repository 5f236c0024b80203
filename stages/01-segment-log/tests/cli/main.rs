//! The program from outside: what it prints, what it leaves on the disk, and how it ends.

mod append;
mod dump;
mod in_use;
mod program;
mod read;
mod recover;
mod retain;

use program::{Program, Ran};

#[test]
fn says_how_it_is_used() {
    let program = Program::new();
    let Ran { out, code, .. } = program.run("--help");
    assert_eq!(code, 0);
    assert!(out.contains("Exit codes:") && out.contains("the folder is in use"), "{out}");
    for command in ["append", "read", "dump", "recover", "retain", "count", "bench"] {
        assert!(out.contains(&format!("\n  {command}")), "{out}");
        let Ran { out, code, .. } = program.run(&format!("{command} --help"));
        assert_eq!(code, 0);
        assert!(out.contains("\nExample: "), "{out}");
        assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
    }
}

#[test]
fn refuses_what_it_does_not_understand() {
    let program = Program::new();
    for wrong in [
        "",
        "destroy data",
        "append",
        "append data --compression brotli",
        "append data --batch 0",
        "append data --flush every-0",
        "append data --flush sometimes",
        "append data --timestamp yesterday",
        "read data --from 1 --from-time 2",
        "read data --from-time 2023-11-14",
        "retain data",
        "retain data --ms=-1",
    ] {
        let Ran { code, err, .. } = program.run(wrong);
        assert_eq!(code, 2, "`{wrong}`: {err}");
        assert!(!program.path("data").exists(), "`{wrong}` made a folder");
    }
    let Ran { err, .. } = program.run("append data --flush sometimes");
    assert!(err.contains("use never, every-append, or every-N as in every-100"), "{err}");
}

#[test]
fn names_what_is_not_there() {
    let program = Program::new();
    for command in ["read", "recover", "retain --ms 0", "count"] {
        let expected = "segment-log: there is no data folder at data\n\
                        segment-log: `segment-log append DIR` makes one\n";
        assert_eq!(program.run(&format!("{command} data")), Ran::failed(3, "", expected));
    }
    let expected = "segment-log: there is no data folder or log at data\n\
                    segment-log: `segment-log append DIR` makes one\n";
    assert_eq!(program.run("dump data"), Ran::failed(3, "", expected));
    assert!(!program.path("data").exists(), "looking makes nothing");

    std::fs::create_dir(program.path("data")).unwrap();
    let expected = "segment-log: there is no log at data/log-0\n\
                    segment-log: `segment-log append DIR` makes one\n";
    assert_eq!(program.run("read data"), Ran::failed(3, "", expected));
    assert_eq!(std::fs::read_dir(program.path("data")).unwrap().count(), 0, "looking leaves nothing");
}

#[test]
fn a_log_is_not_a_data_folder() {
    let program = Program::with_records();
    let expected = "segment-log: there is no log at data/log-0/log-0\n\
                    segment-log: data/log-0 is a log itself: give the folder that it lies in\n";
    assert_eq!(program.run("read data/log-0"), Ran::failed(3, "", expected));
}

#[test]
fn counts_from_the_newest_snapshot() {
    let program = Program::with_records();
    let counts = "        3  \"alice\"\n        1  \"bob\"\n";
    let from_snapshot = format!("from the snapshot at offset 4, and 0 batches after it\n{counts}");
    assert_eq!(program.run("count data"), Ran::ok(&from_snapshot));
    // A command without a state of its own leaves the snapshot as it is.
    assert_eq!(program.run("read data --max 0"), Ran::ok(""));
    assert_eq!(program.run("count data"), Ran::ok(&from_snapshot));
    let replayed = format!("from nothing, and 2 batches from offset 0 on\n{counts}");
    assert_eq!(program.run("count data --replay"), Ran::ok(&replayed));

    std::fs::remove_file(program.path("data/log-0/00000000000000000004.snapshot")).unwrap();
    assert_eq!(program.run("count data"), Ran::ok(&format!("from nothing, and 2 batches\n{counts}")));
}

#[test]
fn measures_and_leaves_nothing_behind() {
    let program = Program::new();
    std::fs::create_dir(program.path("scratch")).unwrap();
    let Ran { out, err, code } = program.run("bench --quick --dir scratch");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    for contest in ["append", "cost", "read", "lookup", "order", "batch", "flush", "roll", "codec", "decode"] {
        assert!(out.contains(&format!("\n| {contest} ")), "{contest}: {out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
    assert_eq!(std::fs::read_dir(program.path("scratch")).unwrap().count(), 0);

    let Ran { out, .. } = program.run("bench --quick --only lookup --dir scratch");
    assert_eq!(out.matches("\n**").count(), 1, "{out}");
    let Ran { code, err, .. } = program.run("bench --quick --dir nowhere");
    assert_eq!(code, 1);
    assert!(err.starts_with("segment-log: cannot measure: cannot create nowhere/segment-log-bench-"), "{err}");
}
