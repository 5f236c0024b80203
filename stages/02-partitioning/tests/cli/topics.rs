//! `create-topic`, `grow-topic`, `delete-topic`, `describe`.

use crate::program::{Program, Ran};

const UNKNOWN: &str = "partitioning: there is no topic `orders` (UNKNOWN_TOPIC_OR_PARTITION)\n\
                       partitioning: `partitioning describe` lists the topics, `partitioning create-topic NAME` makes one\n";

#[test]
fn a_topic_is_made_described_grown_and_deleted() {
    let (program, _server) = Program::with_broker();
    assert_eq!(program.run("describe"), Ran::ok("broker 1 at ADDRESS\n\nno topics\n"));
    let made = program.run("create-topic orders --partitions 2 --config segment.bytes=1000 --config retention.ms=-1");
    assert_eq!(made, Ran::ok("made the topic orders: 2 partitions, 1 copy of each\n"));
    let expected = "topic orders: 2 partitions, 1 copy of each\nretention.ms=-1\nsegment.bytes=1000\n\n\
                    partition  leader  epoch  replicas  in sync  start  end\n\
                    \u{20}       0       1      0  1         1            0    0\n\
                    \u{20}       1       1      0  1         1            0    0\n";
    assert_eq!(program.run("describe orders"), Ran::ok(expected));
    let grown = program.run("grow-topic orders --partitions 3");
    assert_eq!(grown, Ran::ok("grew the topic orders: 3 partitions, 1 copy of each\n"));
    program.run("create-topic a");
    program.run_with("produce orders --partition 2", "one\ntwo\n");
    let expected = "broker 1 at ADDRESS\n\n\
                    topic   partitions  copies  records\n\
                    a                1       1        0\n\
                    orders           3       1        2\n";
    assert_eq!(program.run("describe"), Ran::ok(expected));
    assert_eq!(program.run("delete-topic orders"), Ran::ok("deleted the topic orders\n"));
    for command in ["describe orders", "delete-topic orders", "grow-topic orders --partitions 9", "consume orders"] {
        assert_eq!(program.run(command), Ran::failed(3, "", UNKNOWN), "{command}");
    }
}

#[test]
fn an_id_is_shown_if_asked_for_and_is_another_for_each_topic() {
    let (program, _server) = Program::with_broker();
    let id = || {
        assert_eq!(program.run("create-topic orders").code, 0);
        let Ran { out, .. } = program.run("describe orders --id");
        let id = out.lines().find_map(|line| line.strip_prefix("id ")).expect("a line with the id").to_owned();
        assert_eq!(program.run("delete-topic orders").code, 0);
        id
    };
    let (first, second) = (id(), id());
    assert!(first.len() == 32 && first != second, "{first} {second}");
}

#[test]
fn what_a_broker_can_be_asked_is_shown() {
    let (program, _server) = Program::with_broker();
    let expected = "key  name              versions\n\
                    \u{20} 0  Produce           1\n\
                    \u{20} 1  Fetch             1\n\
                    \u{20} 2  ListOffsets       1\n\
                    \u{20} 3  Metadata          1\n\
                    \u{20}18  ApiVersions       1\n\
                    \u{20}19  CreateTopic       1\n\
                    \u{20}20  DeleteTopic       1\n\
                    \u{20}37  CreatePartitions  1\n";
    assert_eq!(program.run("describe --apis"), Ran::ok(expected));
}

#[test]
fn what_the_broker_refuses_is_told_with_the_rule() {
    let (program, _server) = Program::with_topic();
    for (command, code, expected) in [
        (
            "create-topic orders",
            1,
            "the topic `orders` exists already (TOPIC_ALREADY_EXISTS)\npartitioning: `partitioning describe NAME`",
        ),
        ("create-topic a/b", 1, "the topic name `a/b` has '/' in it"),
        ("create-topic x --partitions 0", 1, "(INVALID_PARTITIONS)"),
        ("create-topic x --replication-factor 2", 1, "(INVALID_REPLICATION_FACTOR)"),
        (
            "create-topic x --config colour=red",
            1,
            "(INVALID_CONFIG)\npartitioning: a topic's settings are segment.bytes, ",
        ),
        ("grow-topic orders --partitions 3", 1, "(INVALID_PARTITIONS)"),
        ("delete-topic __cluster_metadata", 1, "(INVALID_REQUEST)"),
    ] {
        let ran = program.run(command);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{command}: {}", ran.err);
        assert!(ran.err.starts_with("partitioning: ") && ran.err.contains(expected), "{command}: {}", ran.err);
    }
}
