//! What can go wrong, in two layers.
//!
//! A broker that refuses something says so in a [`Refusal`]: a code from Kafka's list, for programs, and a sentence, for
//! people. It crosses the wire. An [`Error`] is what a caller on this side of the wire gets: a refusal, or one of the many
//! ways in which no answer came at all.
//!
//! One question matters more than all others: was it done? After most refusals it was not. After a lost connection nobody
//! knows, and after a few refusals nobody does either: a broker whose disk failed may have written the batch before it did.
//! [`Error::is_in_doubt`] tells the two apart, and stage 04 is about what to do then.

use std::fmt;
use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Defines the codes once: their names in Rust, their numbers on the wire, their names in Kafka.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal $kafka:literal,)*) => {
        /// A reason for a refusal. Numbers and names are those of Kafka's `Errors`; there are gaps, as a stage brings only the
        /// codes that it needs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "i16", into = "i16")]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// The number on the wire.
            pub fn number(self) -> i16 {
                match self { $(ErrorCode::$name => $number,)* }
            }

            /// The name in Kafka.
            pub fn name(self) -> &'static str {
                match self { $(ErrorCode::$name => $kafka,)* }
            }
        }

        /// A number that this program does not know is an unknown error, as in Kafka's clients.
        impl From<i16> for ErrorCode {
            fn from(number: i16) -> Self {
                match number { $($number => ErrorCode::$name,)* _ => ErrorCode::UnknownServerError }
            }
        }
    };
}

error_codes! {
    /// The broker failed in a way that it has no other word for.
    UnknownServerError = -1 "UNKNOWN_SERVER_ERROR",
    /// The log does not hold the offset that was asked for.
    OffsetOutOfRange = 1 "OFFSET_OUT_OF_RANGE",
    /// The batch's checksum or structure is wrong.
    CorruptMessage = 2 "CORRUPT_MESSAGE",
    /// The broker has no such topic, or the topic no such partition.
    UnknownTopicOrPartition = 3 "UNKNOWN_TOPIC_OR_PARTITION",
    /// The partition has no leader now.
    LeaderNotAvailable = 5 "LEADER_NOT_AVAILABLE",
    /// The broker does not lead the partition, or not any more.
    NotLeaderOrFollower = 6 "NOT_LEADER_OR_FOLLOWER",
    /// The broker could not do it in the time that the request gave.
    RequestTimedOut = 7 "REQUEST_TIMED_OUT",
    /// The batch is larger than `max.message.bytes`.
    MessageTooLarge = 10 "MESSAGE_TOO_LARGE",
    /// The batch is larger than `segment.bytes`.
    RecordListTooLarge = 18 "RECORD_LIST_TOO_LARGE",
    /// A name that is against the rules.
    InvalidTopic = 17 "INVALID_TOPIC_EXCEPTION",
    /// The API is known, and not in this version.
    UnsupportedVersion = 35 "UNSUPPORTED_VERSION",
    /// The name is taken.
    TopicAlreadyExists = 36 "TOPIC_ALREADY_EXISTS",
    /// A number of partitions that cannot be.
    InvalidPartitions = 37 "INVALID_PARTITIONS",
    /// A number of replicas that cannot be.
    InvalidReplicationFactor = 38 "INVALID_REPLICATION_FACTOR",
    /// A setting that is unknown, or out of its range.
    InvalidConfig = 40 "INVALID_CONFIG",
    /// The request cannot be read, or asks for what the API does not do.
    InvalidRequest = 42 "INVALID_REQUEST",
    /// The disk failed.
    StorageError = 56 "KAFKA_STORAGE_ERROR",
    /// Fewer replicas are in sync than `min.insync.replicas` demands. Nothing was written (stage 04).
    NotEnoughReplicas = 19 "NOT_ENOUGH_REPLICAS",
    /// Fewer replicas are in sync than `min.insync.replicas` demands, since the batch was written (stage 04).
    NotEnoughReplicasAfterAppend = 20 "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    /// A number of acknowledgements that cannot be asked for (stage 04).
    InvalidRequiredAcks = 21 "INVALID_REQUIRED_ACKS",
    /// A list of replicas that cannot be (stage 03).
    InvalidReplicaAssignment = 39 "INVALID_REPLICA_ASSIGNMENT",
    /// This is not the controller (stage 03).
    NotController = 41 "NOT_CONTROLLER",
    /// The question comes from an earlier leader's time (stage 03).
    FencedLeaderEpoch = 74 "FENCED_LEADER_EPOCH",
    /// The question comes from a later leader's time, of which this broker has not heard yet (stage 03).
    UnknownLeaderEpoch = 75 "UNKNOWN_LEADER_EPOCH",
    /// The broker that asks has registered anew since, or somebody else has in its name (stage 03).
    StaleBrokerEpoch = 77 "STALE_BROKER_EPOCH",
    /// The preferred leader cannot lead now (stage 03).
    PreferredLeaderNotAvailable = 80 "PREFERRED_LEADER_NOT_AVAILABLE",
    /// No replica that may lead is alive (stage 03).
    EligibleLeadersNotAvailable = 83 "ELIGIBLE_LEADERS_NOT_AVAILABLE",
    /// The partition has the leader already that an election would give it (stage 03).
    ElectionNotNeeded = 84 "ELECTION_NOT_NEEDED",
    /// There is no reassignment that could be cancelled (stage 03).
    NoReassignmentInProgress = 85 "NO_REASSIGNMENT_IN_PROGRESS",
    /// The partition has changed since what the question rests on was learned (stage 03).
    InvalidUpdateVersion = 95 "INVALID_UPDATE_VERSION",
    /// The partition is of another topic: one of the same name that was, or will be (stage 03).
    InconsistentTopicId = 103 "INCONSISTENT_TOPIC_ID",
    /// No broker of this number has registered (stage 03).
    BrokerIdNotRegistered = 102 "BROKER_ID_NOT_REGISTERED",
    /// The broker's data belong to another cluster (stage 03).
    InconsistentClusterId = 104 "INCONSISTENT_CLUSTER_ID",
    /// A replica that may not join those that are in sync (stage 03).
    IneligibleReplica = 107 "INELIGIBLE_REPLICA",
    /// The change was made, and it has moved the leader (stage 03).
    NewLeaderElected = 108 "NEW_LEADER_ELECTED",
    /// The broker can be reached and does not serve any more.
    BrokerNotAvailable = 8 "BROKER_NOT_AVAILABLE",
    /// The batch is whole and breaks a rule of this log.
    InvalidRecord = 87 "INVALID_RECORD",
    /// A coordinator is taking up its work, or has no number to give yet (stage 05).
    CoordinatorLoadInProgress = 14 "COORDINATOR_LOAD_IN_PROGRESS",
    /// This broker does not coordinate what the name stands for (stage 06).
    NotCoordinator = 16 "NOT_COORDINATOR",
    /// Nobody coordinates it now (stage 06).
    CoordinatorNotAvailable = 15 "COORDINATOR_NOT_AVAILABLE",
    /// The transaction is not in a state in which that can be done (stage 06).
    InvalidTxnState = 48 "INVALID_TXN_STATE",
    /// The transactional id has another producer id, or none (stage 06).
    InvalidProducerIdMapping = 49 "INVALID_PRODUCER_ID_MAPPING",
    /// A transaction may not take so long (stage 06).
    InvalidTransactionTimeout = 50 "INVALID_TRANSACTION_TIMEOUT",
    /// Another request about the transaction is under way, or its end is (stage 06).
    ConcurrentTransactions = 51 "CONCURRENT_TRANSACTIONS",
    /// The marker comes from a coordinator that has been replaced (stage 06).
    TransactionCoordinatorFenced = 52 "TRANSACTION_COORDINATOR_FENCED",
    /// Another producer has taken the transactional id over (stage 06).
    ProducerFenced = 90 "PRODUCER_FENCED",
    /// The transaction can only be aborted (stage 06).
    TransactionAbortable = 120 "TRANSACTION_ABORTABLE",
    /// The batch's number is not the one that comes next for its producer (stage 05).
    OutOfOrderSequenceNumber = 45 "OUT_OF_ORDER_SEQUENCE_NUMBER",
    /// The batch is of an earlier epoch of its producer than one that is in the log (stage 05).
    InvalidProducerEpoch = 47 "INVALID_PRODUCER_EPOCH",
}

impl ErrorCode {
    /// Whether the same request may succeed a little later (Kafka's `RetriableException`).
    pub fn is_retriable(self) -> bool {
        use ErrorCode::{
            ConcurrentTransactions, CoordinatorLoadInProgress, CoordinatorNotAvailable, CorruptMessage,
            EligibleLeadersNotAvailable, FencedLeaderEpoch, InconsistentTopicId, LeaderNotAvailable, NotController,
            NotCoordinator, NotEnoughReplicas, NotEnoughReplicasAfterAppend, NotLeaderOrFollower,
            PreferredLeaderNotAvailable, RequestTimedOut, StorageError, UnknownLeaderEpoch, UnknownTopicOrPartition,
        };
        matches!(
            self,
            ConcurrentTransactions
                | CoordinatorLoadInProgress
                | CoordinatorNotAvailable
                | CorruptMessage
                | EligibleLeadersNotAvailable
                | FencedLeaderEpoch
                | InconsistentTopicId
                | LeaderNotAvailable
                | NotController
                | NotCoordinator
                | NotEnoughReplicas
                | NotEnoughReplicasAfterAppend
                | NotLeaderOrFollower
                | PreferredLeaderNotAvailable
                | RequestTimedOut
                | StorageError
                | UnknownLeaderEpoch
                | UnknownTopicOrPartition
        )
    }

    /// Whether it is another broker that may serve the partition, or another topic that has the name.
    pub fn doubts_leader(self) -> bool {
        use ErrorCode::{
            FencedLeaderEpoch, InconsistentTopicId, LeaderNotAvailable, NotLeaderOrFollower, StorageError,
            UnknownLeaderEpoch, UnknownTopicOrPartition,
        };
        matches!(
            self,
            FencedLeaderEpoch
                | InconsistentTopicId
                | LeaderNotAvailable
                | NotLeaderOrFollower
                | StorageError
                | UnknownLeaderEpoch
                | UnknownTopicOrPartition
        )
    }

    /// Whether it may have been done all the same: the disk failed after the write, say.
    pub fn is_in_doubt(self) -> bool {
        use ErrorCode::{NotEnoughReplicasAfterAppend, RequestTimedOut, StorageError, UnknownServerError};
        matches!(self, NotEnoughReplicasAfterAppend | RequestTimedOut | StorageError | UnknownServerError)
    }

    /// This code, with a sentence that names the thing and the rule.
    pub fn because(self, message: impl Into<String>) -> Refusal {
        Refusal { code: self, message: message.into() }
    }
}

impl From<ErrorCode> for i16 {
    fn from(code: ErrorCode) -> i16 {
        code.number()
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A broker's no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Refusal {
    /// For programs.
    pub code: ErrorCode,
    /// For people: the thing, and the rule.
    pub message: String,
}

/// Why a caller did not get what he asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The broker said no. Whether something was done all the same is the code's to say ([`ErrorCode::is_in_doubt`]).
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There was no way to the broker. Nothing was done.
    #[error("cannot reach {address}: {reason}")]
    Unreachable {
        /// Where it should be.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// The connection ended before the answer came. What was asked may have been done.
    #[error("the connection to {address} ended before the answer came: {reason}")]
    Disconnected {
        /// The other side.
        address: String,
        /// Why it ended.
        reason: String,
    },
    /// No answer came in time. What was asked may have been done, or may yet be.
    #[error("no answer from {address} within {}", millis(.after))]
    TimedOut {
        /// The other side.
        address: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// The record names a partition that its topic does not have.
    #[error("the topic {topic} has no partition {partition}: it has {count}, numbered from 0")]
    NoPartition {
        /// The topic.
        topic: String,
        /// The partition.
        partition: u32,
        /// How many it has.
        count: u32,
    },
    /// Nobody said in time what partitions the topic has. The record was not sent.
    #[error("nothing is known of the topic {topic} after max.block.ms = {}", .waited.as_millis())]
    NoMetadata {
        /// The topic.
        topic: String,
        /// `max.block.ms`.
        waited: Duration,
    },
    /// The record is larger than a setting of the producer allows.
    #[error("the record takes up to {size} bytes, and {setting} allows {limit}")]
    RecordTooLarge {
        /// The most bytes it can take in a batch, before compression.
        size: usize,
        /// The setting's bytes.
        limit: usize,
        /// `max.request.size` or `buffer.memory`.
        setting: &'static str,
    },
    /// The producer's memory stayed full.
    #[error(
        "no room for the record within max.block.ms = {}: buffer.memory = {limit} bytes wait to be sent",
        .waited.as_millis()
    )]
    BufferFull {
        /// `max.block.ms`.
        waited: Duration,
        /// `buffer.memory`.
        limit: usize,
    },
    /// `delivery.timeout.ms` is over, and the record is not acknowledged (stage 04).
    #[error("not acknowledged within delivery.timeout.ms = {}: {last}", .after.as_millis())]
    DeliveryTimedOut {
        /// `delivery.timeout.ms`.
        after: Duration,
        /// What stood in the way at last.
        last: String,
        /// Whether a request with the record was sent of which nobody knows what became of it.
        in_doubt: bool,
    },
    /// It ended in an error that does not say whether it was done, and an attempt may have done it (stage 04).
    #[error("{error}; and it may have been done all the same: {doubt}")]
    InDoubt {
        /// How it ended.
        error: Box<Error>,
        /// What came of the attempt that may have done it.
        doubt: String,
    },
    /// The records cannot be packed: the codec failed.
    #[error("the records cannot be compressed: {0}")]
    Compression(String),
    /// Fetched bytes are not the batches that they should be.
    #[error("{partition}, offset {offset}: {rule}")]
    Corrupt {
        /// Where they are from.
        partition: crate::TopicPartition,
        /// The offset that was asked for.
        offset: segment_log::Offset,
        /// What is wrong.
        rule: String,
    },
    /// There is no position to read from, and `auto.offset.reset` is `none`.
    #[error(
        "{partition} has no offset {asked}: it holds {start} to before {end}, and auto.offset.reset=none forbids another"
    )]
    NoOffset {
        /// The partition.
        partition: crate::TopicPartition,
        /// The offset that it was at.
        asked: segment_log::Offset,
        /// The log's start.
        start: segment_log::Offset,
        /// The log's end.
        end: segment_log::Offset,
    },
    /// There never was a position, and `auto.offset.reset` is `none`.
    #[error("{0} has no position, and auto.offset.reset=none forbids to choose one: seek first")]
    NoPosition(crate::TopicPartition),
    /// The consumer was not told to read this partition.
    #[error("{0} is not assigned to this consumer")]
    NotAssigned(crate::TopicPartition),
    /// A setting is out of its range.
    #[error("{key} is {found}, and {rule}")]
    Config {
        /// The setting's name, as in Kafka.
        key: &'static str,
        /// What it was set to.
        found: String,
        /// What it must be.
        rule: &'static str,
    },
    /// The producer or the consumer was closed.
    #[error("{0} is closed")]
    Closed(&'static str),
    /// A broker's own data folder.
    #[error("{0}")]
    Log(std::sync::Arc<segment_log::Error>),
    /// A broker cannot listen.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// Where.
        address: String,
        /// What the system said, for programs: `AddrInUse` if somebody else has the port.
        kind: io::ErrorKind,
        /// What the system said.
        reason: String,
    },
}

impl Error {
    /// The broker's code, if it was the broker who said no.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Error::Refused(refusal) => Some(refusal.code),
            Error::InDoubt { error, .. } => error.code(),
            _ => None,
        }
    }

    /// Whether what was asked may have been done all the same.
    pub fn is_in_doubt(&self) -> bool {
        match self {
            Error::Disconnected { .. } | Error::TimedOut { .. } | Error::InDoubt { .. } => true,
            Error::DeliveryTimedOut { in_doubt, .. } => *in_doubt,
            Error::Refused(refusal) => refusal.code.is_in_doubt(),
            _ => false,
        }
    }

    /// Whether the same request may succeed a little later.
    pub fn is_retriable(&self) -> bool {
        match self {
            Error::Unreachable { .. } | Error::Disconnected { .. } | Error::TimedOut { .. } => true,
            Error::DeliveryTimedOut { .. } => true,
            Error::InDoubt { error, .. } => error.is_retriable(),
            Error::Refused(refusal) => refusal.code.is_retriable(),
            _ => false,
        }
    }

    /// Whether another broker may lead the partition by now, so that somebody must be asked before the next attempt (Kafka's
    /// `InvalidMetadataException`).
    pub fn doubts_leader(&self) -> bool {
        match self {
            Error::Unreachable { .. } | Error::Disconnected { .. } | Error::TimedOut { .. } => true,
            Error::InDoubt { error, .. } => error.doubts_leader(),
            Error::Refused(refusal) => refusal.code.doubts_leader(),
            _ => false,
        }
    }
}

impl From<segment_log::Error> for Error {
    fn from(error: segment_log::Error) -> Self {
        Error::Log(std::sync::Arc::new(error))
    }
}

/// What the log refuses, in the words of the wire.
impl From<segment_log::Error> for Refusal {
    fn from(error: segment_log::Error) -> Self {
        use segment_log::Error as Log;
        // A fold of a later stage says no in the words of the wire.
        if let Log::Rejected(rejection) = &error
            && let Some(refusal) = rejection.reason::<Refusal>()
        {
            return refusal.clone();
        }
        let code = match &error {
            Log::OffsetOutOfRange { .. } => ErrorCode::OffsetOutOfRange,
            Log::BatchTooLarge { setting: "segment.bytes", .. } => ErrorCode::RecordListTooLarge,
            Log::BatchTooLarge { .. } => ErrorCode::MessageTooLarge,
            Log::InvalidBatch(rule) if is_damage(rule) => ErrorCode::CorruptMessage,
            Log::InvalidBatch(_) | Log::Rejected(_) => ErrorCode::InvalidRecord,
            Log::Config { .. } => ErrorCode::InvalidConfig,
            Log::Name { .. } => ErrorCode::InvalidTopic,
            Log::Io { .. } | Log::Corrupt { .. } | Log::BadFile { .. } | Log::Stopped { .. } => ErrorCode::StorageError,
            // The log was truncated between finding the bytes and reading them. Asked again, it knows better.
            Log::SliceGone => ErrorCode::StorageError,
            _ => ErrorCode::UnknownServerError,
        };
        code.because(error.to_string())
    }
}

/// Whether the bytes are not what was sent, as opposed to what should not have been sent. Once the checksum holds, whatever
/// is wrong with the records is their producer's doing, and sending them again would not help.
fn is_damage(rule: &segment_log::BatchError) -> bool {
    use segment_log::BatchError::{Checksum, CutOff, Length, Magic};
    matches!(rule, Checksum { .. } | CutOff { .. } | Length(_) | Magic(_))
}

fn millis(time: &Duration) -> String {
    format!("{} ms", time.as_millis())
}

impl Error {
    /// Wraps what the system said when there was no way to `address`.
    pub(crate) fn unreachable(address: &str, error: &io::Error) -> Self {
        use io::ErrorKind::{ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable, TimedOut};
        // The usual cases in the same words on every system; what else there is says more in the system's own.
        let reason = match error.kind() {
            kind @ (ConnectionRefused | ConnectionReset | HostUnreachable | NetworkUnreachable | TimedOut) => {
                kind.to_string()
            }
            _ => error.to_string(),
        };
        Error::Unreachable { address: address.to_owned(), reason }
    }
}
