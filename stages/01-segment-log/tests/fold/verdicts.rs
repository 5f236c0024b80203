//! A fold judges a batch before it is written.

use std::sync::Arc;

use bytes::Bytes;
use segment_log::disk::RealDisk;
use segment_log::{
    Appended, BatchBuilder, BatchView, Compression, Error, Fold, KeyCounts, LogDir, Origin, Record, Rejection, Verdict,
};

use crate::judging::{CLIENT, small};

/// Refuses producer 7, and says of producer 8 that it was here before.
#[derive(Debug, Default)]
struct Guard;

#[derive(Debug, thiserror::Error)]
#[error("{0} is not welcome")]
struct NotWelcome(String);

impl Fold for Guard {
    fn check(&self, batch: &BatchView<'_>, _: &Origin) -> Result<Verdict, Rejection> {
        let first_place = Appended { base_offset: 1, last_offset: 1, log_append_time: None };
        match batch.producer_id() {
            7 => Err(Rejection::new(NotWelcome("producer 7".to_owned()))),
            8 => Ok(Verdict::Duplicate(first_place)),
            _ => Ok(Verdict::Write),
        }
    }

    fn apply(&mut self, batch: &BatchView<'_>, _: &Appended) {
        assert!(![7, 8].contains(&batch.producer_id()) || batch.base_offset() >= 100, "it was not let in");
    }

    fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _: Option<&[u8]>) -> Result<(), Rejection> {
        Ok(())
    }
}

#[test]
fn a_fold_judges_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = LogDir::open(Arc::new(RealDisk), folder.path()).expect("a new folder");
    let (mut log, _) = dir.open_log("log-0", small(), (Guard, KeyCounts::default()), 0).expect("a new log");
    let from = |producer: i64| {
        let mut builder = BatchBuilder::new(Compression::None).producer(producer, 0, 0);
        builder.push(&Record { timestamp: 5, key: Some(Bytes::from_static(b"k")), ..Record::default() });
        builder.build().expect("nothing is compressed")
    };
    log.append(from(1), CLIENT, 0).expect("let in");
    let error = log.append(from(7), CLIENT, 0).expect_err("refused");
    assert_eq!(error.to_string(), "the batch is refused: producer 7 is not welcome");
    let Error::Rejected(rejection) = error else { panic!("{error}") };
    assert_eq!(rejection.reason::<NotWelcome>().map(|reason| reason.0.as_str()), Some("producer 7"));
    assert!(rejection.reason::<std::io::Error>().is_none());
    let duplicate = log.append(from(8), CLIENT, 0).expect("known already");
    assert_eq!((duplicate.base_offset, duplicate.last_offset), (1, 1), "the first place is the answer");
    assert_eq!((log.end(), log.fold().1.count(Some(b"k"))), (1, 1), "neither left a trace");

    // A copy was judged by the leader.
    let mut copy = from(7);
    copy.set_place(100, 0);
    log.append(copy, Origin::Replication, 0).expect("followers apply without judging");
    assert_eq!(log.end(), 101);
}
