//! What partitions know of producers, by processes that are killed.

use terminal::Ran;

use crate::cluster::Cluster;

const AT_ONCE: &str = "--linger-ms 0 --sync";

/// What `describe-producers` prints, by these rows: producer, epoch, last number, offset.
fn known(rows: &[[i64; 4]]) -> Ran {
    let mut text = "partition  producer  epoch  last number  at offset\n".to_owned();
    for [producer, epoch, last, offset] in rows {
        text += &format!("orders-0   {producer:>8}  {epoch:>5}  {last:>11}  {offset:>9}\n");
    }
    Ran::ok(&text)
}

#[test]
fn what_the_old_leader_knew_the_new_one_knows() {
    let mut cluster = Cluster::with_orders(3);
    assert_eq!(cluster.run_at(2, "describe-producers orders", ""), Ran::ok("no producers\n"));
    for input in ["paid 10\npaid 7\npaid 3\n", "paid 25\n"] {
        let ran = cluster.run_at(2, &format!("produce orders {AT_ONCE}"), input);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let plain = cluster.run_at(2, &format!("produce orders --idempotent false {AT_ONCE}"), "paid 1\n");
    assert_eq!(plain.code, 0, "{plain:?}");
    // Broker 2 was asked for the ids, and it was the first to ask for a block.
    let both = known(&[[0, 0, 2, 2], [1, 0, 0, 3]]);
    assert_eq!(cluster.run_at(2, "describe-producers orders", ""), both, "who does not number its records is nobody");
    cluster.order("kill 1");
    cluster.rest();
    assert_eq!(cluster.run_at(2, "describe-producers orders", ""), both, "by what it has copied");
    cluster.order("start 1");
    cluster.rest();
    cluster.order("elect orders-0");
    cluster.rest();
    assert_eq!(cluster.run_at(2, "describe-producers orders", ""), both, "by what it has read again");
    let missing = cluster.run_at(2, "describe-producers nothing", "");
    assert!(missing.code == 3 && missing.err.contains("`nothing`"), "{missing:?}");
}

#[test]
fn each_line_is_there_once_though_its_leader_dies() {
    let mut cluster = Cluster::with_orders(3);
    cluster.order("kill 1");
    let lines: String = (0..200).map(|number| format!("order {number}\n")).collect();
    let ran = cluster.run_at(2, "produce orders --linger-ms 0 --batch-size 0", &lines);
    assert_eq!(ran.code, 0, "{ran:?}");
    let seen = cluster.run_at(2, "consume orders --until-end --format %v\\n", "");
    assert_eq!(seen, Ran::ok(&lines), "each once, in order");
}
