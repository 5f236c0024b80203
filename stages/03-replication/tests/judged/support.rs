//! Partitions, brokers and lists of epochs in a few words.

use std::collections::BTreeMap;

use partitioning::api::TopicId;
use replication::controller::election::{ElectionRules, UncleanRecovery};
use replication::epochs::{EpochEntry, LeaderEpochs};
use replication::records::{BrokerRecord, PartitionRecord};
use segment_log::{Fold, Offset};

/// The usual rules: no data is given up for a leader, and two must be in sync for anything to be committed.
pub(crate) const RULES: ElectionRules = ElectionRules {
    eligible_leader_replicas: true,
    recovery: UncleanRecovery::Balanced,
    unclean: false,
    min_in_sync: 2,
};
/// The same without a second row.
pub(crate) const ONE_ROW: ElectionRules = ElectionRules { eligible_leader_replicas: false, ..RULES };

/// A partition in leader epoch 5, after 20 changes.
pub(crate) fn partition(replicas: &[i32], in_sync: &[i32], leader: Option<i32>) -> PartitionRecord {
    PartitionRecord {
        topic: TopicId(7),
        replicas: replicas.to_vec(),
        in_sync: in_sync.to_vec(),
        leader,
        leader_epoch: 5,
        partition_epoch: 20,
        adding: Vec::new(),
        removing: Vec::new(),
        eligible: Vec::new(),
        last_leader: None,
    }
}

/// Brokers of these numbers, all alive, each in an epoch of a hundred times its number.
pub(crate) fn brokers(ids: &[i32]) -> BTreeMap<i32, BrokerRecord> {
    let broker = |id: i32| BrokerRecord {
        epoch: i64::from(id) * 100,
        incarnation: id as u128,
        address: format!("broker-{id}:9092"),
        fenced: false,
        stopping: false,
    };
    ids.iter().map(|&id| (id, broker(id))).collect()
}

/// The list with these entries, epoch and start. It comes from a snapshot, so that no function that is judged has part in it.
pub(crate) fn epochs(entries: &[(i32, Offset)]) -> LeaderEpochs {
    let entries: Vec<_> = entries.iter().map(|&(epoch, start)| EpochEntry { epoch, start }).collect();
    let mut epochs = LeaderEpochs::default();
    epochs.restore(Some(&segment_log::codec::encode(1, &entries))).expect("a snapshot, as the list writes it");
    epochs
}
