//! When all is well, all copies of a partition are the same: batch for batch, written by the same leaders.
//!
//! Clients see one copy at a time, and only its committed part. So a fork can lie hidden until the wrong broker leads. Here the
//! logs themselves are compared.

use std::collections::BTreeMap;

use partitioning::TopicPartition;

use super::world::World;
use replication::look::BatchSeen;

/// Where copies of a partition are not the same, in words.
pub(super) fn disagreements(world: &World) -> Vec<String> {
    let mut logs: BTreeMap<TopicPartition, Vec<(i32, Vec<BatchSeen>)>> = BTreeMap::new();
    for (id, machine) in world.brokers() {
        let Some(look) = machine.inside().look() else { continue };
        for (at, _) in look.states() {
            let batches = look.batches(&at, 0);
            logs.entry(at).or_default().push((id, batches));
        }
    }
    logs.iter().filter_map(|(at, copies)| Some(format!("{at}: {}", fork(copies)?))).collect()
}

/// The first place at which two logs hold different batches.
fn fork(copies: &[(i32, Vec<BatchSeen>)]) -> Option<String> {
    let (first, log) = copies.first()?;
    copies[1..].iter().find_map(|(other, its)| {
        // One may be a fetch behind.
        let (here, there) = log.iter().zip(its).find(|(here, there)| here != there)?;
        Some(format!("broker {first} has {here:?}, and broker {other} has {there:?}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(base_offset: i64, leader_epoch: i32, crc: u32) -> BatchSeen {
        BatchSeen { base_offset, next_offset: base_offset + 1, leader_epoch, crc }
    }

    #[test]
    fn a_log_that_is_behind_is_no_fork() {
        let (long, short) = (vec![batch(0, 0, 7), batch(1, 1, 8)], vec![batch(0, 0, 7)]);
        assert_eq!(fork(&[(1, long), (2, short)]), None);
    }

    #[test]
    fn another_record_or_another_leader_is_one() {
        let log = |epoch, crc| vec![batch(0, 0, 7), batch(1, epoch, crc)];
        assert!(fork(&[(1, log(1, 8)), (2, log(1, 9))]).is_some());
        assert!(fork(&[(1, log(1, 8)), (2, log(1, 8)), (3, log(2, 8))]).is_some_and(|fork| fork.contains("broker 3")));
    }
}
