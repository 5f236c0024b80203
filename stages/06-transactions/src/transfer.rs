//! Money moves between accounts, while brokers and producers die: in transactions, and beside them without.
//!
//! ```text
//!   teller 1 ──▶ begin · account-3 -5 · account-71 +5 · commit ──▶ accounts ─────────▶ auditor: read_committed
//!                                                                          └────────▶ auditor: read_uncommitted
//!   teller 1 ──▶         account-9 -2 · account-40 +2          ──▶ accounts-plain ──▶ auditor
//! ```
//!
//! A transfer is two records, and they are nearly always in two partitions, with two leaders. Nobody keeps a balance: an account is a fold
//! over its records. So the money of all accounts together never changes, if of each transfer both records count or none does.
//!
//! | module | what it answers |
//! |---|---|
//! | [`money`] | what a record says; what follows from all of them |
//! | `teller` | who moves money |
//! | `auditor` | who reads, and counts |
//! | `chaos` | what happens to brokers and tellers |
//! | `view` | what is seen |
//!
//! Both kinds of tellers have the same producer settings: `acks=all` and idempotence, so that no record is lost or written twice. What the
//! plain ones lack is a word that holds two records together.
//!
//! What is true all along for a reader of what is committed: of each transfer it sees both records or, for a moment, one, as markers reach
//! partitions one by one. So it counts *whole* transfers, and these add up at any time. When nothing is open any more, all add up.

pub mod auditor;
pub mod chaos;
pub mod money;
pub mod teller;
pub mod view;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use acks::producer::AckedSending;
use partitioning::producer::ProducerConfig;
use partitioning::{ClientConfig, Cluster, Host, Result};
use tokio::time::Instant;

/// What an account has at first.
pub const OPENING: i64 = 100;

/// The topic of transfers that are transactions.
pub const ACCOUNTS: &str = "accounts";
/// The topic of those that are not.
pub const PLAIN: &str = "accounts-plain";

/// What tellers and auditors have in common.
#[derive(Debug)]
pub struct Bank {
    /// How many accounts, numbered from 1.
    pub accounts: u64,
    /// How many partitions each topic has.
    pub partitions: u32,
    /// Where brokers are.
    pub bootstrap: Vec<String>,
    /// The number of the next transfer.
    pub next: AtomicU64,
    /// What has happened.
    pub diary: Diary,
}

impl Bank {
    /// The money of all accounts.
    pub fn total(&self) -> i64 {
        self.accounts as i64 * OPENING
    }

    /// A client of the cluster. Its patience is short, as brokers die often.
    ///
    /// # Errors
    ///
    /// None, with settings like these.
    pub fn cluster(&self, name: &str) -> Result<Cluster> {
        let config = ClientConfig {
            bootstrap: self.bootstrap.clone(),
            client_id: name.into(),
            request_timeout: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(3),
            ..ClientConfig::new("")
        };
        Cluster::new(Host::real(), config)
    }

    /// How its producers' records wait and travel: nothing lingers.
    fn producing() -> (ProducerConfig, AckedSending) {
        let (request_timeout, delivery_timeout) = (Duration::from_secs(3), Duration::from_secs(20));
        let sending = AckedSending { request_timeout, delivery_timeout, ..AckedSending::default() };
        let max_block = Duration::from_secs(10);
        (ProducerConfig { linger: Duration::ZERO, max_block, ..ProducerConfig::default() }, sending)
    }
}

/// The most that waits to be told. What is older goes.
const MAX_NEWS: usize = 100;

/// What has happened, and when, and was not told yet.
#[derive(Debug)]
pub struct Diary {
    began: Instant,
    news: Mutex<VecDeque<String>>,
}

impl Default for Diary {
    fn default() -> Self {
        Diary { began: Instant::now(), news: Mutex::default() }
    }
}

impl Diary {
    /// How long it has been kept.
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Something has happened.
    pub fn tell(&self, what: impl Into<String>) {
        let mut news = self.news.lock().expect("nothing panics while it holds the news");
        news.push_back(format!("{:>6.1} s  {}", self.age().as_secs_f64(), what.into()));
        while news.len() > MAX_NEWS {
            news.pop_front();
        }
    }

    /// What was not told yet.
    pub fn take(&self) -> Vec<String> {
        self.news.lock().expect("nothing panics while it holds the news").drain(..).collect()
    }
}

/// With transactions, or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A transfer is a transaction.
    Transactional,
    /// A transfer is two records.
    Plain,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Kind::Transactional, Kind::Plain];

    /// Where the money is.
    pub fn topic(self) -> Arc<str> {
        match self {
            Kind::Transactional => ACCOUNTS.into(),
            Kind::Plain => PLAIN.into(),
        }
    }
}
