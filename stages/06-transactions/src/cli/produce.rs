//! `produce`: stage 05's, and with a transactional id its lines come in transactions.

use std::io::Write;
use std::time::Duration;

use idempotence::cli::produce;
use partitioning::ErrorCode;
use partitioning::cli::failure::Failure;
use partitioning::cli::produce::Outlet;
use partitioning::cli::{Program, counted};
use partitioning::producer::{Delivery, ProducerRecord};
use tracing::warn;

use crate::producer::{TransactionError, TransactionalConfig, TransactionalProducer};

/// Send the lines of stdin to a topic, one record a line, in transactions if there is an id for them
///
/// With --transactional-id, all lines count together, or with --transaction-size so many at a time.
/// Whoever had the id before can write nothing any more, and what he had open is aborted. If a
/// record is not acknowledged, or a line cannot be one, or somebody interrupts it, its transaction
/// is aborted. Without the id it is stage 05's: each line is sent once, and counts by itself.
///
/// The end of the input sends what still lingers, and commits. At a terminal that is Ctrl-D.
/// Without the topic it does not begin.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: three records that count together, in whatever partitions
  printf 'alice:-5\\nbob:+3\\ncarol:+2\\n' |
    {program} produce accounts --key-separator : --transactional-id till-1"
)]
#[group(skip)]
pub struct Args {
    #[command(flatten)]
    of: produce::Args,
    /// Who sends: whoever begins with it is one and the same producer (transactional.id)
    #[arg(long, value_name = "ID")]
    transactional_id: Option<String>,
    /// How many records count together; without it, all
    #[arg(long, value_name = "RECORDS", requires = "transactional_id", value_parser = clap::value_parser!(u64).range(1..))]
    transaction_size: Option<u64>,
    /// How long a transaction may be open before it is aborted (transaction.timeout.ms)
    #[arg(long, value_name = "MS", default_value = "60000")]
    transaction_timeout_ms: u64,
    /// Have the transactions aborted, where they would be committed
    #[arg(long, requires = "transactional_id")]
    abort: bool,
}

/// Sends what stdin has, and tells what became of it.
///
/// # Errors
///
/// Those of stage 05's; [`Failure::Undone`] if a transaction cannot be ended as it should.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let Some(id) = &args.transactional_id else { return produce::run(program, &args.of, out).await };
    let timeout = Duration::from_millis(args.transaction_timeout_ms);
    let open = |cluster, config, sending| {
        let transactional = TransactionalConfig { timeout, sending, ..TransactionalConfig::new(id) };
        Ok(InTransactions {
            producer: TransactionalProducer::new(cluster, config, transactional)?,
            size: args.transaction_size.unwrap_or(u64::MAX),
            aborts: args.abort,
            open: 0,
            committed: 0,
            aborted: 0,
        })
    };
    produce::run_with(program, &args.of, open, out).await
}

/// Ends a transaction after so many records.
struct InTransactions {
    producer: TransactionalProducer,
    size: u64,
    aborts: bool,
    /// Records of the transaction that is under way; 0 if there is none.
    open: u64,
    committed: u64,
    aborted: u64,
}

impl InTransactions {
    async fn commit(&mut self) -> Result<(), Failure> {
        let mut told = self.producer.commit().await;
        while let Err(error @ TransactionError::NotYet(_)) = &told {
            warn!("whether the transaction is committed is not known yet, and is asked again: {error}");
            told = self.producer.commit().await;
        }
        match told {
            Ok(()) => self.committed += 1,
            Err(error) => {
                let why = match error.code() {
                    Some(ErrorCode::InvalidTxnState) => {
                        let limit = self.producer.config().timeout.as_millis();
                        format!(
                            "the transaction is not committed: it was aborted before, as it may be open for {limit} ms (transaction.timeout.ms)"
                        )
                    }
                    _ => format!("the transaction is not committed: {error}"),
                };
                // It is told why once. What is left open is aborted by the coordinator, when its time is over.
                if error.is_abortable() {
                    self.abort().await?;
                }
                self.open = 0;
                return Err(Failure::Undone(why));
            }
        }
        self.open = 0;
        Ok(())
    }

    async fn abort(&mut self) -> Result<(), Failure> {
        let mut told = self.producer.abort().await;
        while let Err(error @ TransactionError::NotYet(_)) = &told {
            warn!("the transaction is not aborted yet, and it is asked again: {error}");
            told = self.producer.abort().await;
        }
        self.open = 0;
        told.map_err(|error| Failure::Undone(format!("the transaction is not aborted: {error}")))?;
        self.aborted += 1;
        Ok(())
    }

    async fn finish(&mut self, is_whole: bool) -> Result<(), Failure> {
        match (self.open, is_whole, self.aborts) {
            (0, ..) => Ok(()),
            (_, true, false) => self.commit().await,
            // Whoever wants to see what becomes of aborted records wants them written.
            (_, true, true) => {
                self.producer.flush().await;
                self.abort().await
            }
            (_, false, _) => self.abort().await,
        }
    }
}

impl Outlet for InTransactions {
    async fn begin(&mut self) -> Result<(), Failure> {
        self.producer.init().await.map_err(failed)
    }

    async fn send(&mut self, record: ProducerRecord) -> Result<Delivery, Failure> {
        if self.open == self.size {
            self.finish(true).await?;
        }
        if self.open == 0 {
            self.producer.begin().map_err(failed)?;
        }
        // A record that is not taken spoils the transaction all the same, and it has to be ended.
        self.open += 1;
        self.producer.send(record).await.map_err(failed)
    }

    async fn flush(&mut self) {
        self.producer.flush().await;
    }

    async fn end(&mut self, is_whole: bool) -> Result<(), Failure> {
        self.finish(is_whole).await
    }

    fn batches(&self) -> u64 {
        self.producer.stats().batches
    }

    fn remark(&self) -> Option<String> {
        let told = [(self.committed, "committed"), (self.aborted, "aborted")];
        let told = told.into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<_> = told.map(|(count, how)| format!("{how} {}", counted(count, "transaction"))).collect();
        (!told.is_empty()).then(|| told.join(", "))
    }
}

/// What went wrong, in the words of whoever said it: what can be done about it is done here.
fn failed(error: TransactionError) -> Failure {
    match error.error() {
        Some(error) => Failure::Of(error.clone()),
        None => Failure::Undone(error.to_string()),
    }
}
