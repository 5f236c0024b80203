//! `elect-leader`, `reassign`, and what else operators ask for.

use crate::program::{Machines, Ran, eventually};

#[test]
fn leadership_and_copies_are_moved() {
    let mut machines = Machines::new(3);
    machines.run("create-topic orders --replication-factor 2");
    let first = eventually(|| machines.leader()).unwrap().0;
    let others: Vec<_> = (1..=3).filter(|id| *id != first).collect();
    let to = format!("{},{first}", others[0]);
    let Ran { out, err, code } = machines.run(&format!("reassign orders-0 --to {to}"));
    assert!(code == 0 && out.starts_with(&format!("orders-0: replicas {to}")), "{out}{err}");
    let moved = format!("  {to}  ");
    machines.until("describe orders", |out| {
        out.contains(&moved) && machines.leader().is_some_and(|(_, _, in_sync)| in_sync == 2)
    });

    let epoch = machines.leader().unwrap().1;
    let elected = machines.run("elect-leader orders-0 --preferred");
    assert_eq!(
        elected,
        Ran::ok(&format!("orders-0: broker {} leads in epoch {}\n", others[0], epoch + 1)),
        "{first} led"
    );
    let again = machines.run("elect-leader orders-0 --preferred");
    let expected = "replication: orders-0 has the leader that it should have (ELECTION_NOT_NEEDED)\n";
    assert_eq!(again, Ran::failed(1, "", expected));
    let many = machines.run("elect-leader nothing-0 orders-0 --unclean");
    assert_eq!((many.code, many.out.as_str()), (1, ""), "{}", many.err);
    assert!(many.err.contains("`nothing`") && many.err.ends_with(expected), "{}", many.err);

    let cancelled = machines.run("reassign orders-0 --cancel");
    assert!(cancelled.code == 1 && cancelled.err.contains("(NO_REASSIGNMENT_IN_PROGRESS)"), "{}", cancelled.err);
    let unknown = machines.run("reassign orders-0 --to 1,7");
    let expected =
        "replication: orders-0: broker 7 has not registered, and cannot get a replica (INVALID_REPLICA_ASSIGNMENT)\n";
    assert_eq!(unknown, Ran::failed(1, "", expected));

    // Nobody is left who is in sync, and somebody comes back who is not sure to have all.
    machines.brokers.remove(&first).unwrap().kill();
    eventually(|| machines.leader().filter(|(_, _, in_sync)| *in_sync == 1)).expect("it leaves those in sync");
    machines.brokers.remove(&others[0]).unwrap().kill();
    machines.until("describe orders", |out| out.contains(" none "));
    machines.serve(first);
    let nobody = machines.run("describe orders");
    assert!(nobody.out.contains(" none ") && nobody.err.contains("orders-0 has no leader"), "{nobody:?}");
    let elected = eventually(|| {
        let ran = machines.run("elect-leader orders-0 --unclean");
        (ran.code == 0).then_some(ran.out)
    });
    let expected = format!("orders-0: broker {first} leads in epoch {}\n", epoch + 3);
    assert_eq!(elected.expect("an election"), expected, "its leader went, and then it got another");
}

#[test]
fn topics_are_made_grown_and_deleted() {
    let machines = Machines::new(2);
    let made = machines.run("create-topic orders --partitions 2 --replication-factor 2 --config min.insync.replicas=2");
    assert_eq!(made, Ran::ok("made the topic orders: 2 partitions, 2 copies of each\n"));
    let grown = machines.run("grow-topic orders --partitions 3");
    assert_eq!(grown, Ran::ok("grew the topic orders: 3 partitions, 2 copies of each\n"));
    let out = machines.until("describe orders", |out| out.lines().count() == 7);
    assert!(
        out.starts_with("topic orders: 3 partitions, 2 copies of each\nmin.insync.replicas=2\n\npartition  leader"),
        "{out}"
    );
    let wrong = machines.run("create-topic other --config colour=red");
    assert!(wrong.code == 1 && wrong.err.contains("unclean.leader.election.enable"), "{}", wrong.err);
    assert_eq!(machines.run("create-topic other --replication-factor 3").code, 1);
    assert_eq!(machines.run("delete-topic orders"), Ran::ok("deleted the topic orders\n"));
    machines.until("describe", |out| out.ends_with("\nno topics\n"));
    assert_eq!(machines.run("describe orders").code, 3);
}
