//! Folders that are not this broker's, or not this program's.

use partitioning::api::NewTopic;
use partitioning::{Broker, BrokerConfig, Host};
use tokio_util::sync::CancellationToken;

use crate::program::{Machines, Program, Ran};

#[test]
fn a_folder_has_one_broker_of_one_cluster() {
    let mut machines = Machines::new(1);
    let used = machines.program.run(&machines.serve_arguments(1, "data-1"));
    assert_eq!((used.code, used.out.as_str()), (5, ""), "{}", used.err);
    assert!(used.err.contains("data-1 is in use by process "), "{}", used.err);
    assert_eq!(machines.brokers.remove(&1).unwrap().stop().code, 0);

    let expected = "replication: node.id is 2, and the data folder is of a broker with another number\n";
    assert_eq!(machines.program.run(&machines.serve_arguments(2, "data-1")), Ran::failed(2, "", expected));

    // A cluster that has begun, and one that has not.
    for brokers in [1, 0] {
        let other = Machines::new(brokers);
        let arguments = machines.serve_arguments(1, "data-1").replace(&machines.controller_at, &other.controller_at);
        let Ran { out, err, code } = machines.program.run(&arguments);
        assert_eq!((code, out.as_str()), (1, ""), "{err}");
        let rule = if brokers == 0 { ", and this cluster begins only now (" } else { ", and this is cluster " };
        assert!(err.starts_with("replication: the broker's data are of cluster ") && err.contains(rule), "{err}");
        assert!(err.ends_with("(INCONSISTENT_CLUSTER_ID)\n"), "{err}");
    }
    let own = Machines::new(0);
    assert_eq!(own.program.run("controller --data decisions --listen 127.0.0.1:0").code, 5);
    // Nothing of all that has harmed it.
    machines.serve(1);
}

#[test]
fn a_controllers_folder_is_no_brokers_and_the_other_way_round() {
    let mut machines = Machines::new(1);
    assert_eq!(machines.brokers.remove(&1).unwrap().stop().code, 0);
    let starting = machines.program.run("controller --data data-1 --listen 127.0.0.1:0 --log warn");
    let rule = "replication: data-1/meta.properties: the folder is that of broker 1 of cluster ";
    assert!(starting.code == 4 && starting.err.starts_with(rule), "{}", starting.err);
    assert!(starting.err.contains(", and controller 0 was to be started on it\n"), "{}", starting.err);
    assert!(!machines.program.path("data-1/__cluster_metadata-0").exists());

    assert_eq!(machines.controller.take().unwrap().stop().code, 0);
    let serving = machines.program.run(&machines.serve_arguments(1, "decisions"));
    let rule = "replication: decisions/meta.properties: the folder is that of controller 0, and broker 1 was to be started on it\n";
    assert!(serving.code == 4 && serving.err.starts_with(rule), "{}", serving.err);
    let other = machines.program.run("controller --data decisions --id 7 --listen 127.0.0.1:0 --log warn");
    let rule = "the folder is that of controller 0, and controller 7 was to be started on it\n";
    assert!(other.code == 4 && other.err.contains(rule), "{}", other.err);
}

#[test]
fn folders_of_stage_02_are_left_alone() {
    let machines = Machines::new(0);
    let folder = machines.program.path("old");
    leave_by_stage_02(&folder);
    let before = std::fs::read(folder.join("__cluster_metadata-0/00000000000000000000.log")).unwrap();

    let Ran { out, err, code } = machines.program.run(&machines.serve_arguments(1, "old"));
    assert_eq!((code, out.as_str()), (4, ""), "{err}");
    let rule = "old/meta.properties: it is missing, and the folder holds the log __cluster_metadata-0, of nobody knows which \
                cluster; a broker of stage 02 keeps such folders\n";
    assert!(err.starts_with(&format!("replication: {rule}")), "{err}");

    let Ran { out, err, code } = machines.program.run("controller --data old --listen 127.0.0.1:0 --log warn");
    assert_eq!((code, out.as_str()), (4, ""), "{err}");
    assert!(err.contains("this is no controller's log: a broker of stage 02 keeps one of the same name"), "{err}");
    assert_eq!(std::fs::read(folder.join("__cluster_metadata-0/00000000000000000000.log")).unwrap(), before);
    assert!(folder.join("orders-0").is_dir());
}

/// What a broker of stage 02 leaves that had a topic.
fn leave_by_stage_02(folder: &std::path::Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let broker = Broker::open(Host::real(), BrokerConfig::new(folder, "127.0.0.1:0")).await.unwrap();
        let (name, configs) = ("orders".into(), Default::default());
        let new = NewTopic { name, partitions: Some(1), replication_factor: None, configs };
        broker.topics().create(&new).unwrap();
        let stop = CancellationToken::new();
        stop.cancel();
        assert!(broker.run(stop).await.unwrap());
    });
}

#[test]
fn a_cluster_leaves_other_folders_alone() {
    let program = Program::new();
    program.write_file("notes.txt", "mine");
    let expected = "replication: . is no cluster's folder: it holds something, and no folder `controller`\n";
    assert_eq!(program.run("cluster --data ."), Ran::failed(2, "", expected));
    let Ran { err, code, .. } = program.run("cluster --data notes.txt");
    assert!(code == 2 && err.starts_with("replication: notes.txt cannot be used: "), "{err}");
    assert_eq!(std::fs::read_dir(program.path(".")).unwrap().count(), 1);
}
