//! What this stage's stories drive: stage 05's cluster, with transactions.
//!
//! All of stage 05's commands, and these. A producer has a name in the story, which is its transactional id unless `id=` says another.
//!
//! | command | what it does |
//! |---|---|
//! | `init pay-1`, `init zombie id=pay-1 timeout=5s` | begins, and asks again as long as what was open before is being aborted |
//! | `add pay-1 orders-0 stock-0` | its transaction has these partitions too |
//! | `write pay-1 orders "paid 10" partition=0 to=1` | brings a batch of its transaction, numbered by itself, and waits for the answer |
//! | `commit pay-1`, `abort pay-1` | ends its transaction |
//! | `commit pay-1 epoch=0 wait=no` | the same as of an older epoch; and does not wait for the answer |
//! | `transaction pay-1` | where its coordinator has it |
//! | `coordinator pay-1` | who that is |
//! | `transactions orders-0` | what each replica knows: how far it is stable, and what is open |
//! | `read orders`, `read orders-0 isolation=uncommitted` | what a consumer is given; committed records, if nothing else is said |
//! | `txn-producer p transactional.id=pay-1 transaction.timeout.ms=5s …` | makes a whole producer, by Kafka's settings |
//! | `txn-init p`, `txn-begin p`, `txn-commit p`, `txn-abort p` | its calls |
//! | `txn-send orders-0 "paid 10" "paid 7" producer=p` | hands records over, and does not wait for them |
//! | `txn-deliveries p` | what has become of them |
//! | `txn-read orders-0` | what a whole consumer of committed records is given |
//! | `rules verification=off epochs=of-init check=1s partitions=1` | before `cluster`: what brokers go by |

mod commands;
mod picture;
mod reading;
mod transactional;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use acks::api::ProduceAckedRequest;
use acks::broker::Patience;
use partitioning::net::BoxFuture;
use partitioning::{Client, Host, TopicPartition};
use replication::broker::BrokerConfig;
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::look::Member;
use serde_json::Value;
use story::{Args, Command, System};
use transactions::api::{ProduceInTransaction, ProduceInTransactionRequest};
use transactions::broker::{TransactionSettings, open};
use transactions::partition::Transactions;
use transactions::records::Identity;

use crate::cluster::{Answer, Stage};
use crate::with_acks::Makes;
use crate::with_producers::{IdempotenceDriver, Managers, idempotent};
use transactional::{Call, Till};

/// What brokers are told: it is changed before they start.
type Rules = Arc<Mutex<TransactionSettings>>;

/// This stage's programs.
struct WithTransactions {
    patience: Patience,
    rules: Rules,
    managers: Managers<Transactions>,
}

impl Stage for WithTransactions {
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, partitioning::Result<Box<dyn Member>>> {
        let (patience, managers, rules) = (self.patience, self.managers.clone(), *self.rules.lock().unwrap());
        Box::pin(async move {
            let id = config.manager.node_id;
            let broker = open(host, config, patience, rules).await?;
            managers.lock().unwrap().insert(id, Arc::downgrade(broker.manager()));
            Ok(Box::new(broker) as Box<dyn Member>)
        })
    }

    fn controller(
        &self,
        host: Host,
        config: ControllerProcessConfig,
    ) -> BoxFuture<'static, partitioning::Result<ControllerProcess>> {
        Box::pin(idempotence::broker::open_controller(host, config, self.patience))
    }
}

/// A batch that may be part of a transaction.
fn send(
    client: Client,
    transactional_id: Option<String>,
    produce: ProduceAckedRequest,
) -> BoxFuture<'static, partitioning::Result<partitioning::api::ProduceResponse>> {
    Box::pin(async move {
        client.call::<ProduceInTransaction>(ProduceInTransactionRequest { transactional_id, produce }).await
    })
}

/// A producer of a story.
#[derive(Debug, Clone)]
struct Named {
    transactional_id: String,
    who: Identity,
    /// The next number in each partition.
    next: BTreeMap<TopicPartition, i32>,
}

/// See the [module](self).
pub(crate) struct TransactionsDriver {
    // Dropped before the network that they use.
    tills: BTreeMap<String, Till>,
    below: IdempotenceDriver<Transactions>,
    rules: Rules,
    producers: BTreeMap<String, Named>,
}

impl TransactionsDriver {
    /// No machine runs yet.
    pub(crate) fn new() -> Self {
        let rules = Rules::default();
        // Few partitions, so that a story passes in a moment.
        rules.lock().unwrap().state_partitions = 3;
        let told = rules.clone();
        let make = move |producers, managers: Managers<Transactions>| {
            told.lock().unwrap().producers = producers;
            let rules = told.clone();
            let stage = move |patience| {
                Arc::new(WithTransactions { patience, rules: rules.clone(), managers: managers.clone() })
                    as Arc<dyn Stage>
            };
            Makes { stage: Box::new(stage), idempotent: Some(idempotent), send }
        };
        let (tills, producers) = (BTreeMap::new(), BTreeMap::new());
        TransactionsDriver { tills, below: IdempotenceDriver::of(Arc::new(make)), rules, producers }
    }
}

impl TransactionsDriver {
    /// This stage's commands; `None` if it is none of them.
    fn own(&mut self, command: &Command) -> Option<Answer> {
        let args = Args::of(command);
        let answer = match command.name.as_str() {
            "init" => self.asking().init(args),
            "add" => self.asking().add(args),
            "write" => self.asking().write(args),
            "commit" => self.asking().end(args, true),
            "abort" => self.asking().end(args, false),
            "transaction" => self.asking().transaction(args),
            "coordinator" => self.asking().coordinator(args),
            "transactions" => self.asking().transactions(args),
            "read" => self.asking().read(args),
            "txn-init" => self.asking().txn_call(args, Call::Init),
            "txn-begin" => self.asking().txn_begin(args),
            "txn-send" => self.asking().txn_send(args),
            "txn-commit" => self.asking().txn_call(args, Call::Commit),
            "txn-abort" => self.asking().txn_call(args, Call::Abort),
            "txn-read" => self.asking().txn_read(args),
            "txn-producer" => self.txn_producer(args),
            "txn-deliveries" => self.txn_deliveries(args),
            "rules" => self.rules(args),
            _ => return None,
        };
        self.below.below.base.note_last_known();
        Some(answer)
    }

    /// A command begins in which something is said.
    fn asking(&mut self) -> &mut Self {
        self.below.below.base.begin();
        self
    }
}

impl System for TransactionsDriver {
    fn run(&mut self, command: &Command) -> Answer {
        if let Some(answer) = self.own(command) {
            return answer;
        }
        if command.name == "cluster" {
            self.copies(Args::of(command))?;
        }
        self.below.run(command)
    }

    fn state(&self) -> Value {
        let mut state = self.below.state();
        self.add_transactions(&mut state);
        state
    }

    fn view(&self) -> &'static str {
        self.below.view()
    }
}
