//! The way to the coordinator: who it is, a connection to it, and asking until it answers.
//!
//! ```text
//!   FindCoordinator ──▶ broker 2 ──▶ asked ──▶ an answer
//!        ▲                             │
//!        │ NOT_COORDINATOR, no answer  │ CONCURRENT_TRANSACTIONS, it is still reading its log
//!        ╰──── rest ◀──────────────────┴──── rest, and the same one again
//! ```
//!
//! The coordinator of an id is the leader of a partition, so it may move at any time. Whoever asks the wrong broker is told so, and whoever
//! asks a dead one hears nothing: both look for the coordinator anew.

use std::time::Duration;

use partitioning::api::Api;
use partitioning::{Backoff, Client, Cluster, Error, ErrorCode, Result};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::api::{FindCoordinator, FindCoordinatorRequest};
use crate::coordinators::TRANSACTION_STATE;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Line {
    cluster: Cluster,
    id: String,
    retry: Backoff,
    random: fastrand::Rng,
    /// The connection to the coordinator. Nothing else waits behind its questions.
    known: Option<Client>,
    /// What is known of the brokers may be wrong.
    doubts_brokers: bool,
}

impl Line {
    pub(super) fn new(cluster: Cluster, id: String, retry: Backoff, random: fastrand::Rng) -> Self {
        Line { cluster, id, retry, random, known: None, doubts_brokers: true }
    }

    /// Asks again and again until there is an answer, or `within` is over, or an error that will not pass.
    ///
    /// # Errors
    ///
    /// The last one. It is [in doubt](Error::is_in_doubt) if any attempt is.
    pub(super) async fn ask<A: Api>(&mut self, request: A::Request, within: Duration) -> Result<A::Response>
    where
        A::Request: Clone,
    {
        let deadline = Instant::now() + within;
        let (mut last, mut doubt) = (None, None);
        for failures in 1.. {
            let error = match self.try_until::<A>(request.clone(), deadline, within).await {
                Ok(answer) => return Ok(answer),
                Err(Failed::NotAsked(error)) => error,
                Err(Failed::Asked(error)) => {
                    if may_be_done(&error) {
                        doubt = Some(error.to_string());
                    }
                    error
                }
            };
            let again = Instant::now() + self.retry.jittered(failures, &mut self.random);
            let may_pass = error.is_retriable() || error.is_in_doubt();
            let is_over = !may_pass || again >= deadline;
            last = Some(error);
            if is_over {
                break;
            }
            sleep_until(again).await;
        }
        let error = last.expect("it was tried once at least");
        Err(match doubt {
            Some(doubt) if !error.is_in_doubt() => Error::InDoubt { error: Box::new(error), doubt },
            _ => error,
        })
    }

    async fn try_until<A: Api>(
        &mut self,
        request: A::Request,
        deadline: Instant,
        within: Duration,
    ) -> Result<A::Response, Failed> {
        let client = match timeout_at(deadline, self.client()).await {
            Ok(client) => client,
            Err(_) => Err(self.not_found(within)),
        };
        let client = client.map_err(|error| Failed::NotAsked(self.learn(error)))?;
        let answer = match timeout_at(deadline, client.call::<A>(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::TimedOut { address: client.address().to_owned(), after: within }),
        };
        answer.map_err(|error| Failed::Asked(self.learn(error)))
    }

    /// Asks once.
    ///
    /// # Errors
    ///
    /// What came of it.
    pub(super) async fn once<A: Api>(&mut self, request: A::Request) -> Result<A::Response> {
        let answer = match self.client().await {
            Ok(client) => client.call::<A>(request).await,
            Err(error) => Err(error),
        };
        answer.map_err(|error| self.learn(error))
    }

    /// How long to wait after so many failures in a row.
    pub(super) fn rest(&mut self, failures: u32) -> Duration {
        self.retry.jittered(failures, &mut self.random)
    }

    /// A connection to the coordinator. Whoever looks for it first has its topic made.
    async fn client(&mut self) -> Result<Client> {
        if let Some(client) = self.known.as_ref().filter(|client| !client.is_closed()) {
            return Ok(client.clone());
        }
        let request = FindCoordinatorRequest { transactional_id: self.id.clone() };
        let broker = self.cluster.call::<FindCoordinator>(request).await?.broker;
        if self.doubts_brokers {
            match self.cluster.refresh(TRANSACTION_STATE).await {
                // Each answer tells of all brokers, whatever it says of the topic.
                Err(error) if error.code().is_none() => return Err(error),
                _ => self.doubts_brokers = false,
            }
        }
        let client = self.cluster.dedicated(broker).await?;
        self.known = Some(client.clone());
        Ok(client)
    }

    /// Looks for the coordinator anew if it may be another one.
    fn learn(&mut self, error: Error) -> Error {
        match error.code() {
            Some(ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable) => self.known = None,
            Some(_) => {}
            None => (self.known, self.doubts_brokers) = (None, true),
        }
        error
    }

    fn not_found(&self, within: Duration) -> Error {
        let address = format!("the coordinator of `{}`", partitioning::topics::name::shown(&self.id));
        Error::Unreachable { address, reason: format!("not found within {} ms", within.as_millis()) }
    }
}

/// Why an attempt has failed, and whether the question was asked.
enum Failed {
    NotAsked(Error),
    Asked(Error),
}

/// Whether a coordinator that says this may have decided as it was asked. One that loses its place after it has written the decision
/// says the same as one that never had the place; and "the end is being carried out" may be said of the end that was asked for.
fn may_be_done(error: &Error) -> bool {
    let code = error.code();
    error.is_in_doubt() || matches!(code, Some(ErrorCode::NotCoordinator | ErrorCode::ConcurrentTransactions))
}
