//! Markers, as a partition reads and remembers them.

use partitioning::{ErrorCode, Refusal};
use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::control::{Marker, Outcome};
use segment_log::{Appended, BatchView};

/// The last marker of a producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MarkerSeen {
    /// The producer's epoch that it says.
    pub(super) epoch: i16,
    /// Of its coordinator: the leader epoch of the partition of `__transaction_state` that decided it.
    pub(super) coordinator_epoch: i32,
    /// How it ended the transaction.
    pub(super) outcome: Outcome,
    /// Where it is.
    pub(super) at: Appended,
}

impl MarkerSeen {
    pub(super) fn of(batch: &BatchView<'_>, marker: Marker, at: Appended) -> Self {
        let Marker { outcome, coordinator_epoch } = marker;
        MarkerSeen { epoch: batch.producer_epoch(), coordinator_epoch, outcome, at }
    }
}

/// The marker in a control batch.
pub(super) fn of(batch: &BatchView<'_>) -> Result<Marker, Refusal> {
    let broken = |rule: String| ErrorCode::InvalidRecord.because(format!("a control batch: {rule}"));
    let records = batch.records(DECOMPRESSED_LIMIT).map_err(|error| broken(error.to_string()))?;
    let first = records.iter().next().ok_or_else(|| broken("it has one record".to_owned()))?;
    let record = first.map_err(|error| broken(error.to_string()))?;
    Marker::decode(record.key, record.value).map_err(|error| broken(error.to_string()))
}
