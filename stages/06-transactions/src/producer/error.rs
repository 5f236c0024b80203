//! What a producer's calls are told that fail, by what can be done about it.

use partitioning::{Error, ErrorCode};

/// Why a call has failed, and so what is left to do (KIP-1050 sorts Kafka's errors so).
///
/// | | what it means | what is left |
/// |---|---|---|
/// | [`NotYet`](Self::NotYet) | its time was over; it was tried again all the while | the same call once more |
/// | [`Abortable`](Self::Abortable) | the transaction cannot be committed any more | `abort`, then `begin` |
/// | [`Fatal`](Self::Fatal) | this producer can do nothing any more | a new producer |
/// | [`WrongOrder`](Self::WrongOrder) | the program called in an order that cannot be | to mend the program |
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransactionError {
    /// It is not done, or nobody knows whether it is. The same call asks again.
    #[error("{0}")]
    NotYet(Error),
    /// All but `abort` is refused with this until then.
    #[error("the transaction can only be aborted: {0}")]
    Abortable(Error),
    /// Everything is refused with this from now on.
    #[error("this producer can do nothing any more: {0}")]
    Fatal(Error),
    /// Nothing was done.
    #[error("{call} is refused: {rule}")]
    WrongOrder {
        /// The call.
        call: &'static str,
        /// What has to be so.
        rule: &'static str,
    },
}

impl TransactionError {
    /// Whether the same call may succeed later.
    pub fn is_retriable(&self) -> bool {
        matches!(self, TransactionError::NotYet(_))
    }

    /// Whether the transaction must be aborted, and the producer goes on then.
    pub fn is_abortable(&self) -> bool {
        matches!(self, TransactionError::Abortable(_))
    }

    /// Whether the producer must be given up.
    pub fn is_fatal(&self) -> bool {
        matches!(self, TransactionError::Fatal(_))
    }

    /// Whether what was asked may have been decided all the same. A `commit` that is in doubt is called again, and asks what
    /// became of it.
    pub fn is_in_doubt(&self) -> bool {
        match self {
            TransactionError::NotYet(error) | TransactionError::Fatal(error) => error.is_in_doubt(),
            // Nothing was asked, or it is certain that it was not committed.
            TransactionError::Abortable(_) | TransactionError::WrongOrder { .. } => false,
        }
    }

    /// What went wrong, if something other than the order of the calls did.
    pub fn error(&self) -> Option<&Error> {
        match self {
            TransactionError::NotYet(error) | TransactionError::Abortable(error) | TransactionError::Fatal(error) => {
                Some(error)
            }
            TransactionError::WrongOrder { .. } => None,
        }
    }

    /// The broker's code, if it was a broker who said no.
    pub fn code(&self) -> Option<ErrorCode> {
        self.error()?.code()
    }
}

/// What an error says of the transaction, whoever said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It may pass.
    Retriable,
    /// The transaction cannot be committed.
    Abortable,
    /// Nor can any other.
    Fatal,
}

/// What a leader's answer to records says, or a coordinator's to partitions.
///
/// `PRODUCER_FENCED` and `INVALID_PRODUCER_EPOCH` do not say who raised the epoch. It may be another producer, or the coordinator,
/// when the transaction took too long. Only the end of the transaction tells: [`of_end`].
pub fn of_part(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidProducerIdMapping | ErrorCode::UnsupportedVersion) => Kind::Fatal,
        _ if error.is_retriable() => Kind::Retriable,
        _ => Kind::Abortable,
    }
}

/// What a coordinator's answer says to whoever begins, or ends a transaction.
pub fn of_end(error: &Error) -> Kind {
    match error.code() {
        Some(ErrorCode::InvalidTxnState | ErrorCode::TransactionAbortable) => Kind::Abortable,
        Some(
            ErrorCode::ProducerFenced
            | ErrorCode::InvalidProducerEpoch
            | ErrorCode::InvalidProducerIdMapping
            | ErrorCode::UnsupportedVersion,
        ) => Kind::Fatal,
        _ if error.is_retriable() || error.is_in_doubt() => Kind::Retriable,
        _ => Kind::Fatal,
    }
}
