//! A page of the book can show a broker, and what talks to it.

use std::path::Path;

use story::console::{Port, check_with_server};

/// How the program's pages find its port.
const PORT: Port = Port { shown: "127.0.0.1:9092", listen: "PARTITIONING_LISTEN", connect: "PARTITIONING_BROKER" };

const PAGE: &str = "# A page

```console
$ cargo partitioning serve data &
[..] INFO may have [..] files open: each partition needs a few, each connection one
serving data at 127.0.0.1:9092
$ cargo partitioning create-topic orders --partitions 2
made the topic orders: 2 partitions, 1 copy of each
$ printf 'alice:paid 10\\nbob:paid 7\\n' | cargo partitioning produce orders --key-separator : --timestamp 1700000000000
produced 2 records in [..]
...
$ kill -9 %1
$ cargo partitioning serve data --log warn &
serving data at 127.0.0.1:9092
$ cargo partitioning describe
broker 1 at 127.0.0.1:9092

topic   partitions  copies  records
orders           2       1        2
$ kill %1
stopped: 1 topic with 2 partitions, all closed in order
```

```console,status=6
$ cargo partitioning consume orders
partitioning: cannot reach 127.0.0.1:9092: connection refused
partitioning: `partitioning serve DIR` starts a broker; --broker says where one is
```
";

#[test]
fn a_page_shows_a_broker_at_the_port_that_its_reader_has() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    std::fs::write(&page, PAGE).unwrap();
    let program = ("partitioning", Path::new(env!("CARGO_BIN_EXE_partitioning")));
    assert_eq!(check_with_server(&page, &[program], PORT), 8);
}
