//! Control records: notes that a log keeps for its readers, among the data.
//!
//! A control batch has bit 5 of its attributes set and holds one record. Its key says which note it is, its value holds
//! the note. They take offsets like data, and no consumer shows them to its program. Stage 06 gives them their meaning:
//! a transaction ended here, and how.
//!
//! ```text
//!   key    version i16 = 0 | type i16: 0 abort, 1 commit
//!   value  version i16 = 0 | coordinator epoch i32
//! ```

/// How a transaction ended (Kafka's `EndTransactionMarker`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// Whether its records count.
    pub outcome: Outcome,
    /// Epoch of the coordinator that wrote the marker: an older one's is refused.
    pub coordinator_epoch: i32,
}

/// See [`Marker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They never happened.
    Abort,
    /// They count.
    Commit,
}

/// Why a control record is not a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkerError {
    /// Key or value is missing or too short.
    #[error("a control record's key has 4 bytes and its value 6; these have {key} and {value}")]
    Short {
        /// Bytes of the key.
        key: usize,
        /// Bytes of the value.
        value: usize,
    },
    /// Another kind of control record; Kafka's Raft writes some.
    #[error("control record type {0} is not a transaction marker: 0 is abort, 1 commit")]
    Type(i16),
}

impl Marker {
    /// Key and value of the marker's record.
    pub fn encode(self) -> [Vec<u8>; 2] {
        let outcome: i16 = match self.outcome {
            Outcome::Abort => 0,
            Outcome::Commit => 1,
        };
        let version = 0i16.to_be_bytes();
        [[version, outcome.to_be_bytes()].concat(), [&version[..], &self.coordinator_epoch.to_be_bytes()].concat()]
    }

    /// Reads a marker from its record. Later versions may have longer values, so only the front is looked at.
    ///
    /// # Errors
    ///
    /// [`MarkerError`].
    pub fn decode(key: Option<&[u8]>, value: Option<&[u8]>) -> Result<Self, MarkerError> {
        let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
        let short = MarkerError::Short { key: key.len(), value: value.len() };
        let (Some([_, _, type_high, type_low]), Some([_, _, epoch @ ..])) =
            (key.first_chunk::<4>(), value.first_chunk::<6>())
        else {
            return Err(short);
        };
        let outcome = match i16::from_be_bytes([*type_high, *type_low]) {
            0 => Outcome::Abort,
            1 => Outcome::Commit,
            other => return Err(MarkerError::Type(other)),
        };
        Ok(Marker { outcome, coordinator_epoch: i32::from_be_bytes(*epoch) })
    }
}
