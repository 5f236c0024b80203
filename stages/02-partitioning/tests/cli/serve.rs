//! `serve`: how it starts, and how it stops.

use std::io::{Read, Write};
use std::net::TcpStream;

use partitioning::api::{Api, Fetch, FetchPartition, FetchRequest, TopicPartition};
use partitioning::wire::{RequestHeader, request_frame};
use terminal::Signal;

use crate::program::{Program, Ran, TIME, line_of, signal};

#[test]
fn it_says_where_it_serves_and_what_it_closed() {
    let (program, server) = Program::with_topic();
    program.run("create-topic payments");
    let Ran { out, err, code } = server.stop();
    assert_eq!((code, out.as_str()), (0, "stopped: 2 topics with 4 partitions, all closed in order\n"), "{err}");
    let logged: Vec<_> = err.lines().map(|line| line.split_once("  INFO ").expect("an info line").1).collect();
    assert!(logged[0].contains("files open"), "{err}");
    assert_eq!(logged[1..], ["SIGTERM: no more requests; those that were taken are answered", "closing the logs"]);
    assert!(program.path("data/orders-2/00000000000000000000.log").is_file());
    assert!(program.path("data/.kafka_cleanshutdown").is_file());
}

#[test]
fn ctrl_c_stops_it_too_and_warnings_alone_can_be_logged() {
    let mut program = Program::new();
    let server = program.serve("--log warn");
    signal(&server.child, Signal::INT);
    assert_eq!(server.end(), Ran::ok("stopped: 0 topics with 0 partitions, all closed in order\n"));
}

#[test]
fn settings_hold_for_topics_that_have_none_of_their_own() {
    let mut program = Program::new();
    let arguments = "--id 7 --set num.partitions=2 --set segment.bytes=100 --set max.broker.partitions=3";
    let server = program.serve(arguments);
    assert_eq!(program.run("create-topic orders"), Ran::ok("made the topic orders: 2 partitions, 1 copy of each\n"));
    let refused = program.run("grow-topic orders --partitions 4");
    assert!(refused.code == 1 && refused.err.contains("max.broker.partitions"), "{}", refused.err);
    let produced =
        program.run_with(&format!("produce orders --partition 0 --batch-size 0 {TIME}"), "one\ntwo\nthree\n");
    assert_eq!(produced, Ran::ok("produced 3 records in 3 batches\n  orders-0: 3 records, offsets 0 to 2\n"));
    assert!(program.path("data/orders-0/00000000000000000001.log").is_file(), "a batch has more than 50 bytes");
    assert!(program.run("describe").out.starts_with("broker 7 at "));
    assert_eq!(server.stop().code, 0);
}

#[test]
fn clients_are_told_another_address_if_that_is_asked_for() {
    let mut program = Program::new();
    let server = program.serve("--log warn --advertise broker.example:9092");
    assert_eq!(program.broker(), "broker.example:9092");
    assert_eq!(server.stop().code, 0);
}

#[test]
fn a_folder_and_a_port_have_one_broker() {
    let (program, server) = Program::with_broker();
    let holder = server.child.id();
    let expected = format!(
        "partitioning: data is in use by process {holder}: a data folder has one writer at a time\n\
         partitioning: One broker has a folder at a time. To a second one give a folder of its own\n"
    );
    assert_eq!(program.run("serve data --log warn"), Ran::failed(5, "", &expected));

    let ran = program.run(&format!("serve other --log warn --listen {}", program.broker()));
    assert_eq!((ran.code, ran.out.as_str()), (5, ""));
    assert!(ran.err.starts_with("partitioning: cannot listen on ADDRESS: "), "{}", ran.err);
    assert!(ran.err.ends_with("--listen 127.0.0.1:0 takes any port that is free, and tells which\n"), "{}", ran.err);
    assert!(program.path("other/.kafka_cleanshutdown").is_file(), "the folder was closed in order");
}

#[test]
fn an_address_that_cannot_be_is_told() {
    let program = Program::new();
    let ran = program.run("serve data --log warn --listen 0.0.0.0:0");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("advertised.listeners"), "{}", ran.err);
    let ran = program.run("serve data --log warn --listen 192.0.2.1:9092");
    assert_eq!(ran.code, 1, "nobody has that address: {}", ran.err);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (program, mut server) = Program::with_topic();
    // More than lies between two programs on its way.
    let lines = format!("{}\n", "x".repeat(1_000_000)).repeat(40);
    assert_eq!(program.run_with("produce orders --partition 0", lines).code, 0);
    // A client that asks for all of it, and takes a byte.
    let mut client = TcpStream::connect(program.broker()).unwrap();
    let partition = FetchPartition { at: TopicPartition::new("orders", 0), offset: 0, max_bytes: 50 << 20 };
    let request = FetchRequest { max_bytes: 50 << 20, partitions: vec![partition] };
    let header = RequestHeader { api: Fetch::KEY, version: Fetch::VERSION, correlation: 1, client_id: "".into() };
    client.write_all(&request_frame::<Fetch>(&header, &request, usize::MAX).unwrap()).unwrap();
    client.read_exact(&mut [0]).unwrap();

    let mut log = server.child.stderr.take().unwrap();
    signal(&server.child, Signal::TERM);
    while !line_of(&mut log).contains("SIGTERM: no more requests") {}
    signal(&server.child, Signal::TERM);
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "partitioning: SIGTERM ended it before its work was done\n");
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
}
