//! A partition that is one log: what it gives, what it tells, and in which order.

#[path = "support/data.rs"]
mod data;
#[path = "support/touchy_disk.rs"]
mod touchy_disk;

use std::sync::Arc;
use std::time::{Duration, Instant};

use data::{BEGIN, CLIENT, Data, at, batch, batch_at, refused, values};
use partitioning::{ErrorCode, Isolation, LocalPartition, Offsets, Partition, ReadRequest};
use segment_log::{LogConfig, LogDir};

/// A partition with three batches: of 69 bytes, of 77 and of 69, at the offsets 0, 1 and 3.
fn with_three_batches(data: &Data) -> (LogDir, LocalPartition) {
    let dir = LogDir::open(data.disk.clone(), data.path()).expect("it opens");
    let (log, _) = dir.open_log("orders-0", LogConfig::default(), (), BEGIN).expect("it opens");
    let partition = LocalPartition::new(at("orders", 0), log);
    for (time, values) in [(0, &["a"][..]), (10, &["b", "c"]), (20, &["d"])] {
        partition.append(batch_at(BEGIN + time, values), CLIENT, BEGIN).expect("it is appended");
    }
    (dir, partition)
}

const SIZES: [usize; 3] = [69, 77, 69];

fn offsets(log_start: i64, end: i64) -> Offsets {
    Offsets { log_start, last_stable: end, high_watermark: end, end, leader_epoch: 0, in_sync: 1, min_in_sync: 1 }
}

fn read(partition: &LocalPartition, from: i64, max_bytes: usize, min_one_batch: bool) -> usize {
    let read =
        partition.read(ReadRequest { from, max_bytes, min_one_batch }, Isolation::HighWatermark).expect("it reads");
    assert_eq!(read.offsets, partition.offsets());
    assert_eq!(read.slice.to_bytes().expect("the bytes are there").len(), read.slice.len());
    read.slice.len()
}

#[test]
fn one_copy_is_every_copy() {
    let data = Data::new();
    let (_dir, partition) = with_three_batches(&data);
    assert_eq!(partition.offsets(), offsets(0, 4));
}

#[test]
fn a_read_gives_what_fits() {
    let data = Data::new();
    let (_dir, partition) = with_three_batches(&data);
    let all = SIZES.iter().sum();
    for min_one_batch in [true, false] {
        assert_eq!(read(&partition, 0, usize::MAX, min_one_batch), all);
        assert_eq!(read(&partition, 0, all, min_one_batch), all);
        assert_eq!(read(&partition, 0, all - 1, min_one_batch), all - 1, "the last batch may be cut off");
        assert_eq!(read(&partition, 2, all, min_one_batch), all - SIZES[0], "a batch is given whole: b comes with c");
        assert_eq!(read(&partition, 0, SIZES[0], min_one_batch), SIZES[0]);
        assert_eq!(read(&partition, 4, all, min_one_batch), 0, "the end is no error");
    }
    let slice = partition
        .read(ReadRequest { from: 2, max_bytes: all, min_one_batch: true }, Isolation::HighWatermark)
        .expect("it reads")
        .slice;
    assert_eq!(values(&slice.to_bytes().expect("the bytes are there"), 2), ["c", "d"]);
}

#[test]
fn a_first_batch_that_does_not_fit_is_given_whole_or_not_at_all() {
    let data = Data::new();
    let (_dir, partition) = with_three_batches(&data);
    for max_bytes in [0, 1, SIZES[1] - 1] {
        assert_eq!(read(&partition, 1, max_bytes, true), SIZES[1], "{max_bytes} bytes, at least one batch");
        assert_eq!(read(&partition, 1, max_bytes, false), 0, "{max_bytes} bytes and not more");
    }
}

#[test]
fn an_offset_that_is_not_there_is_refused() {
    let data = Data::new();
    let (_dir, partition) = with_three_batches(&data);
    for from in [-1, 5, i64::MAX] {
        let sentence = format!("offset {from} is not in the log, which holds 0 to before 4");
        let found = partition.read(ReadRequest { from, max_bytes: 100, min_one_batch: true }, Isolation::HighWatermark);
        refused(ErrorCode::OffsetOutOfRange, &sentence, found);
    }
}

#[test]
fn a_time_is_found() {
    let data = Data::new();
    let (_dir, partition) = with_three_batches(&data);
    assert_eq!(partition.find_time(BEGIN), Ok(Some((BEGIN, 0))));
    assert_eq!(partition.find_time(BEGIN + 1), Ok(Some((BEGIN + 10, 1))));
    assert_eq!(partition.find_time(BEGIN + 21), Ok(None));
}

#[test]
fn each_append_is_told_when_it_can_be_read() {
    let data = Data::new();
    let (_dir, partition) = with_three_batches(&data);
    let mut watch = partition.watch();
    assert_eq!(*watch.borrow_and_update(), offsets(0, 4));
    partition.append(batch(&["e"]), CLIENT, BEGIN).expect("it is appended");
    assert!(watch.has_changed().expect("it is there"));
    assert_eq!(*watch.borrow_and_update(), offsets(0, 5));
    assert!(read(&partition, 4, 1_000, true) > 0);
    partition.find_time(BEGIN).expect("it reads");
    assert!(!watch.has_changed().expect("it is there"), "a read is no news");
    // What is refused is none either.
    data.disk.fail("write", "orders-0/00000000000000000000.log", 0);
    assert_eq!(partition.append(batch(&["f"]), CLIENT, BEGIN).expect_err("it fails").code, ErrorCode::StorageError);
    assert!(!watch.has_changed().expect("it is there"));
}

#[test]
fn what_is_told_only_grows() {
    let data = Data::new();
    let (_dir, partition) = with_three_batches(&data);
    let partition = Arc::new(partition);
    let mut watch = partition.watch();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            let partition = partition.clone();
            threads.spawn(move || {
                for _ in 0..100 {
                    let appended = partition.append(batch(&["e"]), CLIENT, BEGIN).expect("it is appended");
                    assert!(partition.offsets().end > appended.last_offset, "told before it is answered");
                }
            });
        }
        let (mut last, began) = (4, Instant::now());
        while last < 404 {
            assert!(began.elapsed() < Duration::from_secs(60), "nothing is told any more");
            let end = watch.borrow_and_update().end;
            assert!(end >= last, "{end} after {last}");
            last = end;
            std::thread::yield_now();
        }
    });
    assert_eq!(partition.offsets(), offsets(0, 404));
}

#[test]
fn a_closed_partition_refuses() {
    let data = Data::new();
    let (dir, partition) = with_three_batches(&data);
    partition.close().expect("it closes");
    let sentence = "orders-0 is closed: the broker stops";
    let code = ErrorCode::NotLeaderOrFollower;
    refused(code, sentence, partition.append(batch(&["e"]), CLIENT, BEGIN));
    refused(
        code,
        sentence,
        partition.read(ReadRequest { from: 0, max_bytes: 100, min_one_batch: true }, Isolation::HighWatermark),
    );
    refused(code, sentence, partition.find_time(BEGIN));
    refused(code, sentence, partition.housekeep(BEGIN));
    refused(code, sentence, partition.close());
    assert_eq!(partition.offsets(), offsets(0, 4));
    assert!(dir.close().expect("it closes"), "in order");
}

#[test]
fn who_listens_learns_that_it_is_closed() {
    let data = Data::new();
    let (_dir, partition) = with_three_batches(&data);
    let mut watch = partition.watch();
    assert!(!watch.has_changed().expect("it is there"));
    let waiting = std::thread::scope(|threads| {
        let waiting = threads.spawn(|| wait(watch.changed()));
        partition.close().expect("it closes");
        waiting.join().expect("no panic")
    });
    assert!(waiting.is_err());
    // Whoever comes later learns it, too, and sees where it stood.
    let mut late = partition.watch();
    assert!(wait(late.changed()).is_err());
    assert_eq!((*late.borrow(), partition.offsets()), (offsets(0, 4), offsets(0, 4)));
}

/// Waits without a runtime.
fn wait<T>(waiting: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(waiting)
}

#[test]
fn where_it_stands_is_told_without_waiting_for_the_log() {
    let data = Data::new();
    let (_dir, partition) = with_three_batches(&data);
    let held = data.disk.hold("write", "orders-0/00000000000000000000.log");
    std::thread::scope(|threads| {
        let appending = threads.spawn(|| partition.append(batch(&["e"]), CLIENT, BEGIN));
        held.wait();
        assert_eq!(partition.offsets(), offsets(0, 4));
        assert_eq!(*partition.watch().borrow(), offsets(0, 4));
        held.go();
        appending.join().expect("no panic").expect("it is appended");
    });
    assert_eq!(partition.offsets(), offsets(0, 5));
}
