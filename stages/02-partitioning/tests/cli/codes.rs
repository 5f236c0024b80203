//! Exit codes that the other tests do not meet.

use crate::program::{Program, Ran};

#[test]
fn nobody_is_there() {
    let program = Program::new();
    for command in [
        "describe",
        "describe orders",
        "describe --apis",
        "create-topic orders",
        "grow-topic orders --partitions 2",
        "delete-topic orders",
        "consume orders",
    ] {
        let Ran { out, err, code } = program.run(command);
        assert_eq!((code, out.as_str()), (6, ""), "{command}");
        assert!(err.starts_with("partitioning: cannot reach ADDRESS: "), "{err}");
        let hint = "\npartitioning: `partitioning serve DIR` starts a broker; --broker says where one is\n";
        assert!(err.ends_with(hint), "{err}");
    }
    assert_eq!(program.run_with("produce orders", "a\n").code, 6);
    assert_eq!(program.run("describe --broker 127.0.0.1:2").code, 6);
}

#[test]
fn a_catalogue_that_cannot_be_believed_keeps_the_broker_from_starting() {
    let (program, server) = Program::with_topic();
    assert_eq!(server.stop().code, 0);
    program.flip("data/__cluster_metadata-0/00000000000000000000.log", 80);
    std::fs::remove_file(program.path("data/.kafka_cleanshutdown")).unwrap();
    let Ran { out, err, code } = program.run("serve data --listen 127.0.0.1:0 --log warn");
    assert_eq!((code, out.as_str()), (4, ""), "{err}");
    assert!(err.contains("data/__cluster_metadata-0/00000000000000000000.log, byte 0: "), "{err}");
}

#[test]
fn a_folder_that_cannot_be_is_told() {
    let program = Program::new();
    std::fs::write(program.path("data"), "a file").unwrap();
    let Ran { err, code, .. } = program.run("serve data --listen 127.0.0.1:0 --log warn");
    assert_eq!(code, 1, "{err}");
    assert!(err.starts_with("partitioning: cannot ") && err.contains("data"), "{err}");
}
