//! Lines that count together, by processes.

use terminal::Ran;

use crate::cluster::{Cluster, program};

/// Alice's partition is 0 and Bob's 1, whoever they are.
const FROM_TO: [u32; 2] = [0, 1];

fn produce(cluster: &Cluster, partition: u32, more: &str, input: &str) -> Ran {
    cluster.run(&format!("produce accounts --partition {partition} --linger-ms 0 {more}"), input)
}

#[test]
fn what_is_committed_is_seen_and_what_is_aborted_is_not() {
    let cluster = Cluster::with_accounts();
    let ran = produce(&cluster, 0, "--transactional-id till-1", "one\ntwo\n");
    assert!(ran.code == 0 && ran.out.ends_with("\ncommitted 1 transaction\n"), "{ran:?}");
    let ran = produce(&cluster, 0, "--transactional-id till-1 --abort", "three\n");
    assert!(ran.code == 0 && ran.out.ends_with("\naborted 1 transaction\n"), "{ran:?}");
    let ran = produce(&cluster, 0, "--transactional-id till-2 --transaction-size 2", "four\nfive\nsix\n");
    assert!(ran.code == 0 && ran.out.ends_with("\ncommitted 2 transactions\n"), "{ran:?}");
    let ran = produce(&cluster, 0, "", "seven\n");
    assert!(ran.code == 0 && !ran.out.contains("transaction"), "{ran:?}");
    assert_eq!(cluster.sees(0, "read_committed"), "one\ntwo\nfour\nfive\nsix\nseven\n");
    assert_eq!(cluster.sees(0, "read_uncommitted"), "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
    let listed = cluster.run("list-transactions", "");
    let states: Vec<_> = listed.out.lines().map(|line| line.split_whitespace().last().unwrap()).collect();
    assert_eq!((listed.code, states), (0, vec!["state", "CompleteAbort", "CompleteCommit"]), "{listed:?}");
    let one = cluster.run("describe-transaction till-2", "");
    assert!(one.code == 0 && one.out.contains("\nstate          CompleteCommit\nmay be open    60000 ms\n"), "{one:?}");
    let none = cluster.run("describe-transaction till-3", "");
    assert!(none.code == 1 && none.err.contains("the transactional id `till-3` is not known"), "{none:?}");
}

#[test]
fn a_line_that_cannot_be_sent_spoils_those_before_it() {
    let mut cluster = Cluster::with_accounts();
    let said = cluster.run("produce accounts --key-separator : --transactional-id till-1", "a:1\nb:2\nno key\nc:3\n");
    assert!(
        said.code == 1 && said.err.contains("line 3 has no `:`") && said.out.contains("aborted 1 transaction"),
        "{said:?}"
    );
    assert_eq!(FROM_TO.map(|at| cluster.sees(at, "read_committed")), ["", ""]);
    // And at the prompt: it reads what is committed.
    assert_eq!(cluster.order("consume accounts"), "no records");
    assert!(cluster.order("show").contains("__transaction_state  3 partitions"), "the internal topic stands back");
}

#[test]
fn the_coordinator_dies_and_all_goes_on() {
    let mut cluster = Cluster::with_accounts();
    let ran = produce(&cluster, 1, "--transactional-id till-1", "one\n");
    assert_eq!(ran.code, 0, "{ran:?}");
    // Whatever a broker keeps of other topics: what is not known any more was not decided.
    let state = cluster.run("describe __transaction_state", "").out;
    assert!(state.contains("\nretention.bytes=-1\nretention.ms=-1\n"), "{state}");
    let listed = cluster.run("list-transactions", "").out;
    let coordinator: u32 = listed.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
    // The one that clients ask first stays.
    let dies = if coordinator == 2 { 1 } else { coordinator };
    cluster.order(&format!("kill {dies}"));
    let ran = produce(&cluster, 1, "--transactional-id till-1", "two\n");
    assert!(ran.code == 0 && ran.out.ends_with("\ncommitted 1 transaction\n"), "{ran:?}");
    assert_eq!(cluster.sees(1, "read_committed"), "one\ntwo\n");
}

#[test]
fn money_moves_while_machines_die() {
    let Ran { out, err, code } = program().run("transfer --accounts 20 --seconds 4 --chaos --seed 3");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("broker ") && out.contains("teller "), "something happened: {out}");
    assert!(out.ends_with("in transactions all is there: 2000, at any time and in the end\n"), "{out}");
    let committed = out.lines().rfind(|line| line.trim_start().starts_with("read_committed")).unwrap();
    let figures: Vec<i64> = committed.split_whitespace().skip(1).map(|word| word.parse().unwrap()).collect();
    assert!(figures[0] > 10 && figures[1..] == [0, 2000, 2000], "{out}");
}
