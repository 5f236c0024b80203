//! However `cluster` ends, all that it has started ends with it.

use std::net::TcpStream;

use crate::program::{Program, Ran, Server, Signal, eventually, signal};
use crate::prompt::Prompt;

/// Waits until nobody listens at any of the addresses.
#[track_caller]
fn until_gone(addresses: &[String]) {
    for address in addresses {
        let gone = eventually(|| TcpStream::connect(address).is_err().then_some(()));
        assert!(gone.is_some(), "{address} is still there");
    }
}

#[test]
fn killed_it_takes_all_with_it() {
    let mut prompt = Prompt::of(3, "");
    prompt.order("isolate 1");
    // On Linux this one as well: elsewhere it is up to the system when.
    #[cfg(target_os = "linux")]
    prompt.order("pause 2");
    let Prompt { prompt, addresses, .. } = prompt;
    prompt.server.kill();
    until_gone(&addresses);
}

#[test]
fn interrupted_it_ends_in_order_and_removes_its_folder() {
    for how in [Signal::INT, Signal::TERM] {
        let prompt = Prompt::of(2, "");
        signal(&prompt.prompt.server.child, how);
        let (folder, addresses) = (prompt.program.path("tmp"), prompt.addresses.clone());
        // Its input is still open.
        let Prompt { prompt, program, .. } = prompt;
        // To end the prompt would end its input.
        let terminal::Prompt { server, .. } = prompt;
        assert_eq!(server.end(), Ran::ok(""));
        until_gone(&addresses);
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "it leaves nothing");
        drop(program);
    }
}

#[test]
fn what_has_a_folder_is_there_the_next_time() {
    let program = Program::with_temporary_folders_here();
    let first = "cluster --brokers 2 --data kept";
    let script = "topic orders 1 2\nproduce orders paid 10\nwait\n";
    let Ran { out, err, code } = program.run_with(first, script);
    assert!(code == 0 && out.ends_with("> wait\nat rest\n") && err.is_empty(), "{out}{err}");
    let log = String::from_utf8(program.read_file("kept/broker-1.log")).unwrap();
    assert!(log.contains("closing the logs") && !log.contains("WARN"), "{log}");
    for folder in ["kept/controller", "kept/broker-1", "kept/broker-2"] {
        assert!(program.path(folder).join(".kafka_cleanshutdown").is_file(), "{folder}");
    }

    let Ran { out, err, code } = program.run_with("cluster --brokers 2 --data kept", "wait\nconsume orders\n");
    assert!(code == 0 && out.ends_with("> consume orders\norders-0@0 \"paid 10\"\n"), "{out}{err}");
}

#[test]
fn what_does_not_start_is_told_with_its_reason() {
    let prompt = Prompt::with(Program::with_temporary_folders_here(), "--brokers 1 --data kept");
    let second = prompt.program.run("cluster --brokers 1 --data kept");
    assert_eq!((second.code, second.out.as_str()), (1, ""));
    assert!(
        second.err.starts_with("replication: controller did not start; controller has ended by itself: "),
        "{}",
        second.err
    );
    assert!(
        second.err.contains("One broker has a folder at a time") || second.err.contains("is in use"),
        "{}",
        second.err
    );
    assert_eq!(prompt.end().code, 0);
}

#[test]
fn a_process_that_ends_by_itself_is_news() {
    let mut prompt = Prompt::of(2, "");
    let usurper =
        format!("serve --id 2 --data other --listen 127.0.0.1:0 --log warn --controller {}", prompt.addresses[0]);
    let usurper = Server { child: prompt.program.start(&usurper) };
    let said = eventually(|| Some(prompt.order("show")).filter(|said| said.contains("by itself")));
    let said = said.expect("news");
    assert!(
        said.starts_with("broker 2 has ended by itself: exit status: 1; its log ends with `replication: "),
        "{said}"
    );
    assert!(said.contains("broker 2 speaks in epoch ") && said.contains("\nbroker 2    dead, was at "), "{said}");
    assert_eq!(usurper.stop().code, 0);
}
