//! Which call is allowed when, and what it makes of the transaction.

use idempotence::sequences::Identity as Numbered;
use partitioning::{Error, ErrorCode};

use super::{Phase, Transaction};
use crate::producer::error::{Kind, TransactionError, of_end};
use crate::records::Identity;

type Allowed<T = ()> = Result<T, TransactionError>;

const INIT_FIRST: &str = "nobody has said who this producer is; `init` comes first";
const BEGIN_FIRST: &str = "no transaction is under way; `begin` comes first";
const ENDS_FIRST: &str = "a transaction is under way; `commit` or `abort` comes first";
const COMMIT_AGAIN: &str = "nobody knows yet whether the transaction is committed; `commit` asks once more";
const ABORT_AGAIN: &str = "the transaction is being aborted; `abort` asks once more";

fn refused<T>(call: &'static str, rule: &'static str) -> Allowed<T> {
    Err(TransactionError::WrongOrder { call, rule })
}

impl Transaction {
    /// What failed stands in the way of all calls but `abort`, and what is fatal in the way of that, too.
    fn whole(&self) -> Allowed {
        match &self.phase {
            Phase::Abortable(error) => Err(TransactionError::Abortable(error.clone())),
            Phase::Fatal(error) => Err(TransactionError::Fatal(error.clone())),
            _ => Ok(()),
        }
    }

    /// Whether `init` may be called. It may be called again if it has failed.
    pub(in crate::producer) fn may_init(&self) -> Allowed {
        self.whole()?;
        match self.phase {
            Phase::Unknown => Ok(()),
            _ => refused("init", "it was done already; a producer begins once"),
        }
    }

    /// This is who the producer is.
    pub(in crate::producer) fn initialized(&mut self, producer: Identity) {
        self.is_now(producer);
        self.phase = Phase::Ready;
    }

    /// `init` has failed.
    pub(in crate::producer) fn init_failed(&mut self, error: Error) -> TransactionError {
        match of_end(&error) {
            Kind::Retriable => TransactionError::NotYet(error),
            Kind::Abortable | Kind::Fatal => self.is_over(error),
        }
    }

    /// Begins a transaction.
    pub(in crate::producer) fn begin(&mut self) -> Allowed {
        self.whole()?;
        match self.phase {
            Phase::Ready => {}
            Phase::Unknown => return refused("begin", INIT_FIRST),
            Phase::Committing { .. } => return refused("begin", COMMIT_AGAIN),
            Phase::Aborting => return refused("begin", ABORT_AGAIN),
            _ => return refused("begin", ENDS_FIRST),
        }
        self.phase = Phase::Open;
        self.number += 1;
        (self.is_registered, self.has_failed, self.trouble) = (false, false, None);
        self.added.clear();
        self.wanted.clear();
        Ok(())
    }

    /// Whether a record may be sent.
    pub(in crate::producer) fn may_send(&self) -> Allowed {
        self.whole()?;
        match self.phase {
            Phase::Open => Ok(()),
            Phase::Unknown => refused("send", INIT_FIRST),
            Phase::Committing { .. } => refused("send", COMMIT_AGAIN),
            Phase::Aborting => refused("send", ABORT_AGAIN),
            _ => refused("send", BEGIN_FIRST),
        }
    }

    /// Whether `commit` may be called, before what was sent has ended.
    pub(in crate::producer) fn may_commit(&self) -> Allowed {
        self.whole()?;
        match self.phase {
            Phase::Open | Phase::Committing { .. } => Ok(()),
            Phase::Unknown => refused("commit", INIT_FIRST),
            Phase::Aborting => refused("commit", ABORT_AGAIN),
            _ => refused("commit", BEGIN_FIRST),
        }
    }

    /// All that was sent has ended: the coordinator is to be asked in this name. `None` if there is nothing to commit, and that is done.
    pub(in crate::producer) fn commits(&mut self) -> Allowed<Option<Identity>> {
        self.may_commit()?;
        let again = matches!(self.phase, Phase::Committing { .. });
        Ok(self.ends(Phase::Committing { again }))
    }

    /// `abort` is called: from now on nothing leaves any more.
    pub(in crate::producer) fn may_abort(&mut self) -> Allowed {
        match self.phase {
            Phase::Open | Phase::Abortable(_) | Phase::Aborting => {
                self.phase = Phase::Aborting;
                Ok(())
            }
            Phase::Unknown => refused("abort", INIT_FIRST),
            Phase::Committing { .. } => refused("abort", COMMIT_AGAIN),
            Phase::Ready | Phase::Fatal(_) => self.whole().and_then(|()| refused("abort", BEGIN_FIRST)),
        }
    }

    /// The same as [`commits`](Self::commits), for an abort.
    pub(in crate::producer) fn aborts(&mut self) -> Option<Identity> {
        self.ends(Phase::Aborting)
    }

    /// A coordinator that was never asked to add partitions knows of no transaction.
    fn ends(&mut self, phase: Phase) -> Option<Identity> {
        self.phase = if self.is_registered { phase } else { Phase::Ready };
        self.identity().filter(|_| self.is_registered)
    }

    /// The transaction has ended as it was asked, and this is who the producer is from now on.
    pub(in crate::producer) fn has_ended(&mut self, producer: Identity) {
        self.initialized(producer);
    }

    /// Whether the producer has to begin anew after this answer, in its own name. Coordinators that do not raise the epoch at each end leave
    /// two things undone. Numbers may be missing that this identity would still need. And an abort that comes before the first partition
    /// was added is taken for a word on the transaction before.
    pub(in crate::producer) fn begins_anew(&self, told: &partitioning::Result<Identity>) -> bool {
        match told {
            Ok(same) => self.has_failed && self.identity() == Some(*same),
            Err(error) => matches!(self.phase, Phase::Aborting) && error.code() == Some(ErrorCode::InvalidTxnState),
        }
    }

    /// The coordinator has not said yes, or not in time.
    pub(in crate::producer) fn end_failed(&mut self, error: Error) -> TransactionError {
        let is_commit = matches!(self.phase, Phase::Committing { .. });
        let error = match self.phase {
            Phase::Committing { again: true } => in_doubt(error),
            _ => error,
        };
        match of_end(&error) {
            Kind::Retriable => {
                if is_commit && !error.is_in_doubt() {
                    // Nobody was asked. It may be aborted as well.
                    self.phase = Phase::Open;
                }
                TransactionError::NotYet(error)
            }
            Kind::Abortable if is_commit => {
                // That it is not committed is certain, whatever was in doubt before.
                let error = certain(error);
                self.phase = Phase::Abortable(error.clone());
                TransactionError::Abortable(error)
            }
            Kind::Abortable | Kind::Fatal => self.is_over(error),
        }
    }

    fn is_over(&mut self, error: Error) -> TransactionError {
        self.phase = Phase::Fatal(error.clone());
        TransactionError::Fatal(error)
    }

    fn is_now(&mut self, Identity { id, epoch }: Identity) {
        let told = Numbered { producer_id: id, epoch };
        if self.sequences.identity() != Some(told) {
            self.sequences.obtained(told);
        }
    }
}

/// The commit was asked for before.
fn in_doubt(error: Error) -> Error {
    match error.is_in_doubt() {
        true => error,
        false => {
            let doubt = "it was asked for before, and nobody said what came of that".to_owned();
            Error::InDoubt { error: Box::new(error), doubt }
        }
    }
}

fn certain(error: Error) -> Error {
    match error {
        Error::InDoubt { error, .. } => *error,
        error => error,
    }
}
