//! Who reads, and counts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use acks::fetching::LongPolling;
use partitioning::cli::consume::{Wanted, read};
use partitioning::cli::failure::Failure;
use partitioning::consumer::AutoOffsetReset;
use partitioning::{Consumer, ConsumerConfig, TopicPartition};
use tokio::time::sleep;

use super::money::Book;
use super::{Bank, Kind};
use crate::api::IsolationLevel;
use crate::consumer::IsolatedFetching;

/// How long to wait before what may pass is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// A reader of one topic.
#[derive(Debug)]
pub struct Auditor {
    /// Whose transfers.
    pub kind: Kind,
    /// What it sees of them.
    pub level: IsolationLevel,
    book: Mutex<Book>,
    /// What its whole transfers did not add up to, the first time.
    broken: Mutex<Option<String>>,
}

impl Auditor {
    /// One that has read nothing yet.
    pub fn new(kind: Kind, level: IsolationLevel) -> Arc<Self> {
        Arc::new(Auditor { kind, level, book: Mutex::default(), broken: Mutex::default() })
    }

    /// What follows from all that it has read.
    pub fn book(&self) -> Book {
        self.book.lock().expect("nothing panics while it holds the book").clone()
    }

    /// What it has found that cannot be.
    pub fn broken(&self) -> Option<String> {
        self.broken.lock().expect("nothing panics while it holds this").clone()
    }

    /// Reads all that comes, and looks after each poll whether all adds up.
    pub async fn watch(self: Arc<Self>, bank: Arc<Bank>) {
        let mut consumer = loop {
            match self.consumer(&bank) {
                Ok(consumer) => break consumer,
                Err(error) => {
                    bank.diary.tell(format!("an auditor does not begin: {error}"));
                    sleep(AGAIN).await;
                }
            }
        };
        loop {
            match consumer.poll(Duration::from_secs(1)).await {
                Ok(records) => {
                    let mut book = self.book.lock().expect("nothing panics while it holds the book");
                    records.iter().for_each(|record| book.learn(record));
                    drop(book);
                    self.check(bank.total());
                }
                Err(error) => {
                    self.is_broken(format!("it cannot read on: {error}"));
                    return;
                }
            }
        }
    }

    /// Whole transfers move money and make none, and before all accounts are open there is less.
    fn check(&self, total: i64) {
        let Book { in_whole, wrong, .. } = self.book();
        if let Some(why) = wrong {
            self.is_broken(why);
        }
        if in_whole > total || in_whole % super::OPENING != 0 {
            self.is_broken(format!("whole transfers have left {in_whole} in all accounts, of {total}"));
        }
    }

    fn is_broken(&self, why: String) {
        self.broken.lock().expect("nothing panics while it holds this").get_or_insert(why);
    }

    fn consumer(&self, bank: &Bank) -> partitioning::Result<Consumer> {
        let mut consumer = Consumer::new(bank.cluster("auditor")?, config(self.level))?;
        let topic = self.kind.topic();
        consumer.assign((0..bank.partitions).map(|number| TopicPartition::new(topic.clone(), number)).collect());
        Ok(consumer)
    }
}

fn config(level: IsolationLevel) -> ConsumerConfig {
    let fetching = Arc::new(IsolatedFetching { level, polling: LongPolling::of_consumer() });
    ConsumerConfig { auto_offset_reset: AutoOffsetReset::Earliest, fetching, ..ConsumerConfig::default() }
}

/// Reads a whole topic from its beginning to where it ends now, as somebody who knows nothing of what was before.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked.
pub async fn read_all(bank: &Bank, kind: Kind, level: IsolationLevel) -> Result<Book, Failure> {
    let mut book = Book::default();
    let wanted = Wanted { config: config(level), ..Wanted::all_of(&*kind.topic()) };
    read(bank.cluster("auditor")?, &wanted, |records| {
        records.iter().for_each(|record| book.learn(record));
        Ok(std::ops::ControlFlow::Continue(()))
    })
    .await?;
    Ok(book)
}

/// Whether each partition's last stable offset is its high watermark: nothing is open.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked.
pub async fn nothing_is_open(bank: &Bank) -> partitioning::Result<bool> {
    let mut ends = Vec::new();
    // What is stable is asked for first: both only grow.
    for level in [IsolationLevel::ReadCommitted, IsolationLevel::ReadUncommitted] {
        let auditor = Auditor::new(Kind::Transactional, level);
        let consumer = auditor.consumer(bank)?;
        ends.push(consumer.end_offsets(&consumer.assignment()).await?);
        consumer.close().await;
    }
    Ok(ends[0] == ends[1])
}
