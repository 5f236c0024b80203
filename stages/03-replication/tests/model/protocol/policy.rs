//! The protocol as it is, and as it must not be.
//!
//! Each wrong policy differs from the right one in one place. Some are settings of the stage; the others are made here, by
//! leaving a step out or by handing a function of the stage something wrong. All of them look reasonable, and most have been
//! what Kafka did, or would do without one of its improvement proposals.

use replication::api::AlterPartitionRequest;
use replication::controller::Restart;
use replication::controller::election::{ElectionRules, UncleanRecovery};
use replication::controller::partition::Gone;
use replication::truncation::Truncation;

use super::state::Decision;

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub(crate) enum Policy {
    /// What the stage does.
    AsItIs,
    /// A follower cuts its log at its own high watermark, and a broker that restarts soon enough keeps its place: as before
    /// KIP-101. Both are settings of the stage.
    ToHighWatermark,
    /// A leader answers whoever asks, in whatever epoch, and a follower takes any answer that begins where its log ends: as
    /// before KIP-320.
    EpochWithoutFencing,
    /// The controller does not look which change a leader knows of that wants others in sync: without one half of KIP-497.
    IsrUnfenced,
    /// A leader does not wait for those whom it has asked to let in: without the other half of KIP-497.
    WishNotCounted,
    /// A new leader does not note where its epoch begins before it writes something (KAFKA-7415).
    EpochNotNoted,
    /// A leader lets in whoever has reached its high watermark, though it be behind the start of the epoch (KAFKA-7128).
    JoinsTooEarly,
    /// The controller does not look which process of a broker has caught up: without KIP-903.
    AnyProcessJoins,
    /// A broker that restarts soon enough keeps its place among those in sync, whatever its disk has lost. A setting of the
    /// stage.
    RestartKeepsPlace,
    /// And it goes on in the epoch in which it led before.
    EpochReused,
    /// The last one in sync stays so, dead or alive, and is elected again: without KIP-966. A setting of the stage.
    NoSecondRow,
    /// Whoever left the list when nothing could be committed any more may be elected, even if its process has died since: with
    /// half of KIP-966.
    DisksBelieved,
    /// Whoever is alive may lead (`unclean.leader.election.enable`). A setting of the stage.
    ElectAnyone,
}

impl Policy {
    pub(crate) fn truncation(self) -> Truncation {
        match self {
            Policy::ToHighWatermark => Truncation::ToHighWatermark,
            _ => Truncation::ByLeaderEpoch,
        }
    }

    pub(crate) fn restart(self) -> Restart {
        match self {
            Policy::ToHighWatermark | Policy::RestartKeepsPlace | Policy::EpochReused => Restart::KeepsPlace,
            _ => Restart::LeavesInSync,
        }
    }

    pub(crate) fn rules(self, min_in_sync: usize) -> ElectionRules {
        ElectionRules {
            eligible_leader_replicas: self != Policy::NoSecondRow,
            // A way out when both rows are empty may lose records: the model has none, so that a loss is the protocol's.
            recovery: UncleanRecovery::None,
            unclean: self == Policy::ElectAnyone,
            min_in_sync,
        }
    }

    /// Whether leaders and followers look at the epoch of what they are sent.
    pub(crate) fn fences_fetches(self) -> bool {
        self != Policy::EpochWithoutFencing
    }

    /// Whether the controller looks at the change that a leader knows of.
    pub(crate) fn fences_wishes(self) -> bool {
        self != Policy::IsrUnfenced
    }

    /// Whether a leader remembers what it has asked for.
    pub(crate) fn counts_wishes(self) -> bool {
        self != Policy::WishNotCounted
    }

    /// Whether a leader notes where its epoch begins.
    pub(crate) fn notes_epochs(self) -> bool {
        self != Policy::EpochNotNoted
    }

    /// Whether a leader remembers where its epoch began.
    pub(crate) fn knows_epoch_start(self) -> bool {
        self != Policy::JoinsTooEarly
    }

    /// Whether a leader begins an epoch of its own.
    pub(crate) fn leads_once(self) -> bool {
        self != Policy::EpochReused
    }

    /// How a broker goes that starts again without having stopped in order.
    pub(crate) fn died(self) -> Gone {
        if self == Policy::DisksBelieved { Gone::Away } else { Gone::Unclean }
    }

    /// What the controller sees of a leader's wish: what it was asked; or the same, as if the leader knew all.
    pub(crate) fn as_seen(self, mut request: AlterPartitionRequest, now: &Decision) -> AlterPartitionRequest {
        if !self.fences_wishes() {
            request.partition_epoch = now.record.partition_epoch;
        }
        if self == Policy::AnyProcessJoins {
            for (id, epoch) in &mut request.in_sync {
                *epoch = now.brokers[id].epoch;
            }
        }
        request
    }
}
