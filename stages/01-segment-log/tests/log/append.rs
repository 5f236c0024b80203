//! Appending: what is judged, what is written into a batch, and what is refused.

use bytes::BytesMut;
use segment_log::batch::BatchError;
use segment_log::control::{Marker, Outcome};
use segment_log::{Appended, Batch, BatchBuilder, Compression, Error, LogConfig, Origin, Record};

use crate::judging::{CLIENT, Folder, raw_batch, sized, small, three};

/// A producer's batch with `change` made to its bytes, signed again.
fn changed(change: impl FnOnce(&mut [u8])) -> Batch {
    let mut bytes = sized(0, 3, 100, 1_000).into_bytes();
    change(&mut bytes);
    let crc = crc32c::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    Batch::from_bytes(bytes).expect("the header's logic holds")
}

#[test]
fn the_log_gives_offsets_and_its_epoch() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    for (epoch, base_offset) in [(0, 0), (7, 3), (-1, 6)] {
        let origin = Origin::Client { leader_epoch: epoch };
        let appended = open.log.append(sized(0, 3, 100, 50), origin, 0).expect("it is appended");
        let expected = Appended { base_offset, last_offset: base_offset + 2, log_append_time: None };
        assert_eq!(appended, expected);
        let stored = open.log.batches(base_offset).next().expect("it is there").expect("it reads");
        assert_eq!((stored.view().base_offset(), stored.view().leader_epoch()), (base_offset, epoch));
        assert_eq!(stored.view().bytes()[16..], sized(0, 3, 100, 50).view().bytes()[16..], "no other byte changed");
    }
}

#[test]
fn a_compressed_batch_is_kept_as_it_came() {
    let folder = Folder::new();
    let mut open = folder.open(LogConfig { segment_bytes: 10_000, ..small() });
    for codec in Compression::ALL {
        let mut builder = BatchBuilder::new(codec);
        (0..20).for_each(|at| builder.push(&Record::new(at, "k", "the same again and again")));
        let batch = builder.build().expect("memory for a small batch");
        let appended = open.log.append(batch.clone(), CLIENT, 0).expect("it is appended");
        let stored = open.log.batches(appended.base_offset).next().expect("it is there").expect("it reads");
        assert_eq!(stored.into_bytes()[16..], batch.into_bytes()[16..], "{codec}");
    }
    assert_eq!(open.counted(), 100);
}

#[test]
fn what_a_producer_may_not_send_is_refused_and_leaves_no_trace() {
    let folder = Folder::new();
    let mut open = folder.with_batches(1);
    let marker = Marker { outcome: Outcome::Commit, coordinator_epoch: 0 };
    let control = BatchBuilder::control(marker, 1, 0, 0).build().expect("nothing is compressed");
    let mut stamped = sized(0, 3, 100, 0);
    stamped.set_log_append_time(9);
    let mut gap = BatchBuilder::new(Compression::None);
    [0, 2].into_iter().for_each(|delta| gap.push_at(delta, &Record::default()));
    let gap = gap.build().expect("nothing is compressed");
    let empty = BatchBuilder::new(Compression::None).build().expect("nothing is compressed");
    let unsequenced = changed(|bytes| bytes[43..51].copy_from_slice(&5i64.to_be_bytes()));
    for (batch, field) in [
        (three(6), "base_offset"),
        (control, "attributes"),
        (stamped, "attributes"),
        (unsequenced, "base_sequence"),
        (gap, "records_count"),
        (empty, "records_count"),
    ] {
        match open.log.append(batch, CLIENT, 0) {
            Err(Error::InvalidBatch(BatchError::Field { field: named, .. })) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    let broken = Batch::from_bytes(BytesMut::from(&raw_batch(1, &[0xff])[..])).expect("the checksum holds");
    let error = open.log.append(broken, CLIENT, 0).expect_err("its record cannot be read");
    assert!(error.is_invalid() && !error.is_corrupt() && !error.is_not_found(), "{error}");
    let not_gzip = changed(|bytes| bytes[22] = 1);
    let error = open.log.append(not_gzip, CLIENT, 0).expect_err("its records do not decompress");
    assert!(matches!(error, Error::InvalidBatch(BatchError::Compression(_))), "{error}");
    assert_eq!((open.log.end(), open.counted(), open.batches()), (3, 3, vec![(0, 2)]));
}

#[test]
fn a_coordinator_may_write_markers() {
    let folder = Folder::new();
    let mut open = folder.with_batches(1);
    let marker = Marker { outcome: Outcome::Abort, coordinator_epoch: 4 };
    let batch = BatchBuilder::control(marker, 1, 0, 77).build().expect("nothing is compressed");
    let appended = open.log.append(batch, Origin::Coordinator { leader_epoch: 2 }, 0).expect("it is appended");
    assert_eq!((appended.base_offset, appended.last_offset), (3, 3));
    assert_eq!(open.counted(), 3, "a marker is no data");
}

#[test]
fn batches_that_are_too_large_are_refused() {
    let folder = Folder::new();
    let mut open = folder.open(LogConfig { max_message_bytes: 150, ..small() });
    assert!(open.log.append(sized(0, 3, 150, 0), CLIENT, 0).is_ok());
    let refused = |error: Error| match error {
        Error::BatchTooLarge { size, limit, setting } => (size, limit, setting),
        other => panic!("{other}"),
    };
    let error = open.log.append(sized(0, 3, 151, 0), CLIENT, 0).expect_err("too large");
    assert_eq!(error.to_string(), "the batch has 151 bytes, and max.message.bytes allows 150");
    assert!(error.is_invalid());
    assert_eq!(refused(error), (151, 150, "max.message.bytes"));
    // A copy was small enough for its leader; but it must fit a segment.
    assert!(open.log.append(sized(3, 3, 300, 0), Origin::Replication, 0).is_ok());
    let error = open.log.append(sized(6, 3, 301, 0), Origin::Replication, 0).expect_err("too large");
    assert_eq!(refused(error), (301, 300, "segment.bytes"));
    let error = open.log.append(sized(0, 3, 301, 0), CLIENT, 0).expect_err("too large");
    assert_eq!(refused(error), (301, 300, "segment.bytes"));
    assert_eq!(open.log.end(), 6);
}

#[test]
fn copies_keep_their_offsets_and_come_in_order() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    for base in [5, 8, 20] {
        let appended = open.log.append(three(base), Origin::Replication, 0).expect("it is appended");
        assert_eq!((appended.base_offset, open.log.end()), (base, base + 3));
    }
    for base in [0, 20, 22] {
        match open.log.append(three(base), Origin::Replication, 0) {
            Err(Error::OutOfOrder { base: named, end: 23 }) => assert_eq!(named, base),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(open.batches(), [(5, 7), (8, 10), (20, 22)]);
}

#[test]
fn the_log_may_set_the_time() {
    let folder = Folder::new();
    let mut open = folder.open(LogConfig { log_append_time: true, ..small() });
    let appended = open.log.append(sized(0, 3, 100, 5), CLIENT, 9_000).expect("it is appended");
    assert_eq!(appended.log_append_time, Some(9_000));
    let stored = open.log.batches(0).next().expect("it is there").expect("its checksum holds");
    assert_eq!((stored.view().is_log_append_time(), stored.view().max_timestamp()), (true, 9_000));
    assert_eq!(open.log.find_time(9_000).expect("it reads"), Some((9_000, 0)));
    assert_eq!(open.log.find_time(9_001).expect("it reads"), None);
}

#[test]
fn a_wrong_largest_timestamp_is_mended() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    open.log.append(changed(|bytes| bytes[35..43].copy_from_slice(&77i64.to_be_bytes())), CLIENT, 0).expect("appended");
    let stored = open.log.batches(0).next().expect("it is there").expect("its checksum holds");
    assert_eq!(stored.view().max_timestamp(), 1_000, "the index of times believes this field");
}

#[test]
fn offsets_end_one_day() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    open.log.reset(i64::MAX - 4, 0).expect("it resets");
    open.append();
    let error = open.log.append(sized(0, 3, 100, 0), CLIENT, 0).expect_err("no offsets are left");
    let rule = "the batch is refused: last_offset_delta is 2, and the log has no offsets left for it";
    assert_eq!(error.to_string(), rule);
    assert_eq!(open.batches(), [(i64::MAX - 4, i64::MAX - 2)]);
}

#[test]
fn an_offset_far_ahead_begins_a_segment() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    let far = i64::from(i32::MAX) + 1;
    open.log.append(three(far), Origin::Replication, 0).expect("it is appended");
    assert_eq!(open.segments(), [far], "the empty one would never have had a batch");
    open.log.append(three(2 * far), Origin::Replication, 0).expect("it is appended");
    assert_eq!(open.segments(), [far, 2 * far]);
    open.close();
    assert_eq!(folder.open(small()).segments(), [far, 2 * far]);
}

#[test]
fn what_a_log_says_of_itself() {
    let folder = Folder::new();
    let mut open = folder.with_batches(4);
    assert_eq!((open.log.name(), open.log.size()), ("log-0", 400));
    assert_eq!(open.log.dir(), folder.path().join("log-0"));
    assert_eq!(open.log.config().segment_bytes, 300);
    assert_eq!(open.log.recovery_point(), 9, "a closed segment was flushed");
    open.log.flush().expect("it flushes");
    assert_eq!(open.log.recovery_point(), 12);
    let active = open.log.segments().next_back().expect("the active one");
    assert_eq!((active.next_offset(), active.is_empty(), active.largest_timestamp()), (12, false, 1_009));
    assert_eq!(active.path(), folder.segment(9));
}
