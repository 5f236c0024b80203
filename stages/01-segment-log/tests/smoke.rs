use segment_log::disk::RealDisk;
use segment_log::*;
use std::sync::Arc;

fn batch(n: i64) -> Batch {
    let mut b = BatchBuilder::new(Compression::None);
    for i in 0..3 {
        b.push(&Record::new(1000 + n * 10 + i, "k", format!("value {n} {i}")));
    }
    b.build().unwrap()
}

#[test]
fn smoke() {
    let dir = tempfile::tempdir().unwrap();
    let config = LogConfig {
        segment_bytes: 1000,
        index_interval_bytes: 200,
        segment_index_bytes: 1200,
        retention_ms: None,
        ..LogConfig::default()
    };
    let open = || LogDir::open(Arc::new(RealDisk), dir.path()).unwrap();
    let d = open();
    let (mut log, r) = d.open_log("log-0", config.clone(), KeyCounts::default(), 0).unwrap();
    println!("{r:?}");
    for n in 0..50 {
        log.append(batch(n), Origin::Client { leader_epoch: 0 }, n).unwrap();
    }
    println!(
        "{:?}",
        log.segments()
            .map(|s| (s.base_offset(), s.size(), s.offset_index().iter().collect::<Vec<_>>().len()))
            .collect::<Vec<_>>()
    );
    assert_eq!(log.end(), 150);
    assert_eq!(log.fold().count(Some(b"k")), 150);
    for from in 0..150 {
        let b = log.batches(from).next().unwrap().unwrap();
        assert!(b.view().base_offset() <= from && from <= b.view().last_offset());
    }
    assert_eq!(log.find_time(1111).unwrap(), Some((1111, 34)));
    log.truncate(100, 0).unwrap();
    assert_eq!(log.end(), 99);
    assert_eq!(log.fold().count(Some(b"k")), 99);
    for n in 0..3 {
        log.append(batch(n), Origin::Client { leader_epoch: 0 }, n).unwrap();
    }
    drop(log);
    drop(d);
    let d = open();
    let (log, r) = d.open_log("log-0", config.clone(), KeyCounts::default(), 0).unwrap();
    println!("{r:?}");
    assert_eq!(log.end(), 108);
    assert_eq!(log.fold().count(Some(b"k")), 108);
    log.close().unwrap();
    assert!(d.close().unwrap());
    let d = open();
    let (mut log, r) = d.open_log("log-0", config.clone(), KeyCounts::default(), 0).unwrap();
    println!("{r:?}");
    assert_eq!(log.fold().count(Some(b"k")), 108);
    assert_eq!(r.replayed, 0);
    println!("{:?}", log.delete_before(50, 0).unwrap());
    assert_eq!(log.log_start(), 50);
    log.append(batch(1), Origin::Client { leader_epoch: 0 }, 0).unwrap();
    log.close().unwrap();
    assert!(d.close().unwrap());
    let d = open();
    let (log, _) = d.open_log("log-0", config.clone(), KeyCounts::default(), 0).unwrap();
    assert_eq!(log.log_start(), 50);
    assert_eq!(log.end(), 111);
    for c in Compression::ALL {
        let mut b = BatchBuilder::new(c);
        for i in 0..300 {
            b.push(&Record::new(i, None, format!("value {i}")));
        }
        let b = b.build().unwrap();
        assert_eq!(
            b.view().records(1 << 20).unwrap().iter().map(|r| r.unwrap().value.unwrap().to_vec()).nth(299).unwrap(),
            b"value 299"
        );
        if c != Compression::None {
            assert!(b.view().records(100).is_err());
        }
    }
}
