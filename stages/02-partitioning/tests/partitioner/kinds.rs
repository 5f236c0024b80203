//! Partitioners by name, and partitions that are not there.

use fastrand::Rng;
use partitioning::producer::partitioner::{PartitionerKind, existing};

use crate::support::{EMPTY, Still, keyed};

#[test]
fn every_kind_has_a_name() {
    for kind in PartitionerKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
        let mut partitioner = kind.make(16_384, true, Rng::with_seed(1));
        assert!(partitioner.partition(&keyed(b"alice"), &mut Still::new([EMPTY; 3])) < 3);
    }
    assert_eq!(PartitionerKind::default(), PartitionerKind::Default);
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let told = "roundrobin".parse::<PartitionerKind>();
    let expected = "there is no partitioner `roundrobin`: use default, key, round-robin, sticky or sticky-by-bytes";
    assert_eq!(told, Err(expected.to_owned()));
}

#[test]
fn only_two_kinds_look_at_the_key() {
    for kind in PartitionerKind::ALL {
        let mut partitioner = kind.make(16_384, true, Rng::with_seed(2));
        let mut topic = Still::new([EMPTY; 100]);
        let found = [0; 3].map(|_| partitioner.partition(&keyed(b"alice"), &mut topic));
        let by_key = matches!(kind, PartitionerKind::Default | PartitionerKind::Key);
        assert_eq!(found == [49; 3], by_key, "{kind}: {found:?}");
    }
}

#[test]
fn a_partition_that_is_not_there_is_named() {
    assert_eq!(existing(2, "orders", 3).ok(), Some(2));
    let told = |partition| existing(partition, "orders", 3).expect_err("there is no such partition").to_string();
    assert_eq!(told(3), "the topic orders has no partition 3: it has 3, numbered from 0");
    assert_eq!(told(u32::MAX), "the topic orders has no partition 4294967295: it has 3, numbered from 0");
}
