//! `list-transactions`, `describe-transaction`: what coordinators know.

use std::io::Write;

use partitioning::cli::failure::Failure;
use partitioning::cli::table::{self, Column};
use partitioning::cli::{BrokerAt, Program};
use partitioning::{Client, Error, Host};

use crate::api::{
    DescribeTransactions, FindCoordinator, FindCoordinatorRequest, ListTransactions, ListTransactionsRequest,
    ListedTransaction, MOST_LISTED,
};
use crate::records::TransactionRecord;
use crate::state::TransactionState;

/// Show all transactional ids, who coordinates each, and the state of its transaction
///
/// An id is known from its first use on, for transactional.id.expiration.ms after its last one.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ListArgs {
    #[command(flatten)]
    broker: BrokerAt,
}

/// Asks all brokers, and prints what they say.
///
/// # Errors
///
/// What the cluster says, or that one of its brokers cannot be asked: a list without its ids would look whole.
pub async fn list(program: &Program, args: &ListArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let cluster = args.broker.cluster(program)?;
    let mut rows = Vec::new();
    for broker in cluster.brokers().await? {
        let client = cluster.broker(broker).await?;
        let listed = all_of(&client).await?;
        rows.extend(listed.into_iter().map(|listed| row(broker, listed)));
    }
    if rows.is_empty() {
        return Ok(writeln!(out, "no transactional ids")?);
    }
    rows.sort();
    let columns = [
        Column::Left("transactional id"),
        Column::Right("coordinator"),
        Column::Right("producer"),
        Column::Right("epoch"),
        Column::Left("state"),
    ];
    Ok(table::write(columns, &rows, out)?)
}

/// Page after page.
async fn all_of(broker: &Client) -> Result<Vec<ListedTransaction>, Error> {
    let mut all: Vec<ListedTransaction> = Vec::new();
    loop {
        let after = all.last().map(|last| last.transactional_id.clone());
        let page = broker.call::<ListTransactions>(ListTransactionsRequest { after }).await?.transactions;
        let is_last = page.len() < MOST_LISTED;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

fn row(broker: i32, listed: ListedTransaction) -> [String; 5] {
    let ListedTransaction { transactional_id, producer, state } = listed;
    let id = partitioning::topics::name::shown(&transactional_id);
    [id, broker.to_string(), producer.id.to_string(), producer.epoch.to_string(), state.to_string()]
}

/// Show who has a transactional id, and where its transaction stands
///
/// Of a transaction it shows the partitions that it has, until all of them have their marker.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct DescribeArgs {
    /// The transactional id
    transactional_id: String,
    #[command(flatten)]
    broker: BrokerAt,
}

/// Asks the id's coordinator, and prints what it says.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked.
pub async fn describe(program: &Program, args: &DescribeArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let cluster = args.broker.cluster(program)?;
    let request = FindCoordinatorRequest { transactional_id: args.transactional_id.clone() };
    let coordinator = cluster.call::<FindCoordinator>(request.clone()).await?.broker;
    cluster.brokers().await?;
    let record = cluster.broker(coordinator).await?.call::<DescribeTransactions>(request).await?;
    write(coordinator, &record, out)
}

fn write(coordinator: i32, record: &TransactionRecord, out: &mut dyn Write) -> Result<(), Failure> {
    let TransactionRecord { producer, timeout_ms, state, partitions, .. } = record;
    writeln!(out, "coordinator    broker {coordinator}")?;
    writeln!(out, "producer       {}, epoch {}", producer.id, producer.epoch)?;
    writeln!(out, "state          {state}")?;
    writeln!(out, "may be open    {timeout_ms} ms")?;
    if *state == TransactionState::Ongoing {
        // By this machine's clock, and began by the coordinator's.
        let age = Host::real().clock.now().saturating_sub(record.began).max(0);
        writeln!(out, "open for       {}.{} s", age / 1000, age % 1000 / 100)?;
    }
    if !partitions.is_empty() {
        let partitions: Vec<_> = partitions.iter().map(ToString::to_string).collect();
        writeln!(out, "partitions     {}", partitions.join(", "))?;
    }
    Ok(())
}
