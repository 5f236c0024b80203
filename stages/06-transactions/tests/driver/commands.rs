//! Commands of a producer with transactions, one request each.

use std::error::Error;
use std::time::Duration;

use partitioning::api::Api;
use partitioning::{Cluster, Error as Failure, TopicPartition};
use story::Args;
use story::text::Millis;
use tokio::time::sleep;
use transactions::api::{
    AddPartitionsRequest, AddPartitionsToTxn, DescribeTransactions, EndTxn, EndTxnRequest, FindCoordinator,
    FindCoordinatorRequest, InitTransactions, InitTransactionsRequest,
};
use transactions::coordinator::Epochs;
use transactions::partition::Verification;
use transactions::records::{Identity, TransactionRecord};

use super::{Named, TransactionsDriver};
use crate::cluster::Answer;
use crate::cluster::records::connect;
use crate::with_acks::Bring;

impl TransactionsDriver {
    /// `rules verification=off epochs=of-init check=1s partitions=1`.
    pub(super) fn rules(&mut self, mut args: Args<'_>) -> Answer {
        let (verification, epochs): (Option<String>, Option<String>) = (args.key("verification")?, args.key("epochs")?);
        let (check, partitions): (Option<Millis>, Option<u32>) = (args.key("check")?, args.key("partitions")?);
        args.done()?;
        let mut rules = self.rules.lock().unwrap();
        match verification.as_deref() {
            None => {}
            Some("off") => rules.verification = Verification::Off,
            Some("before-first-write") => rules.verification = Verification::BeforeFirstWrite,
            Some(_) => return Err("verification is off or before-first-write".into()),
        }
        match epochs.as_deref() {
            None => {}
            Some("of-init") => rules.coordinator.epochs = Epochs::OfInit,
            Some("of-transaction") => rules.coordinator.epochs = Epochs::OfTransaction,
            Some(_) => return Err("epochs are of-init or of-transaction".into()),
        }
        if let Some(Millis(time)) = check {
            rules.coordinator.check_interval = Duration::from_millis(time.try_into()?);
        }
        rules.state_partitions = partitions.unwrap_or(rules.state_partitions);
        Ok(String::new())
    }

    /// The coordinators' topic has no more copies than there are brokers.
    pub(super) fn copies(&mut self, mut args: Args<'_>) -> Result<(), Box<dyn std::error::Error>> {
        let Some(brokers) = args.key::<u16>("brokers")? else { return Ok(()) };
        let mut rules = self.rules.lock().unwrap();
        rules.state_replicas = rules.state_replicas.min(brokers);
        rules.state_min_in_sync = rules.state_min_in_sync.min(brokers.into());
        Ok(())
    }

    /// `init pay-1`, `init zombie id=pay-1 timeout=5s`.
    pub(super) fn init(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("producer")?;
        let id: Option<String> = args.key("id")?;
        let timeout = args.key::<Millis>("timeout")?.map_or(60_000, |Millis(time)| time);
        args.done()?;
        let transactional_id = id.unwrap_or_else(|| name.clone());
        let timeout_ms = timeout.try_into()?;
        let request =
            InitTransactionsRequest { transactional_id: transactional_id.clone(), timeout_ms, expected: None };
        let who: Identity = self.ask_coordinator::<InitTransactions>(&transactional_id, request, true)?;
        self.producers.insert(name, Named { transactional_id, who, next: Default::default() });
        Ok(told(who))
    }

    /// `add pay-1 orders-0 stock-0`.
    pub(super) fn add(&mut self, mut args: Args<'_>) -> Answer {
        let named = self.named(&mut args)?.clone();
        let partitions: Vec<String> = args.values("partition")?;
        args.done()?;
        let partitions = partitions.iter().map(|text| partition(text)).collect::<Result<Vec<_>, _>>()?;
        let Named { transactional_id, who: producer, .. } = named;
        let request = AddPartitionsRequest { transactional_id: transactional_id.clone(), producer, partitions };
        self.ask_coordinator::<AddPartitionsToTxn>(&transactional_id, request, true)?;
        Ok(String::new())
    }

    /// `write pay-1 orders "paid 10"`.
    pub(super) fn write(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("producer")?;
        let mut bring = Bring::parse(&mut args)?;
        let (wait, epoch): (Option<String>, Option<i16>) = (args.key("wait")?, args.key("epoch")?);
        args.done()?;
        let named = self.producers.get_mut(&name).ok_or("there is no such producer: it begins with `init`")?;
        let next = named.next.entry(bring.at.clone()).or_default();
        bring.numbered = Some((named.who.id, epoch.unwrap_or(named.who.epoch), *next));
        bring.transaction = Some(named.transactional_id.clone());
        if epoch.is_none() {
            *next += i32::try_from(bring.values.len())?;
        }
        let driver = &mut self.below.below;
        let before = driver.under_way();
        driver.bring(bring)?;
        if wait.as_deref() == Some("no") { Ok(String::new()) } else { driver.await_answers(before) }
    }

    /// `commit pay-1`, `abort pay-1 epoch=0`.
    pub(super) fn end(&mut self, mut args: Args<'_>, commit: bool) -> Answer {
        let name: String = args.value("producer")?;
        let epoch: Option<i16> = args.key("epoch")?;
        args.done()?;
        let named = self.producers.get(&name).ok_or("there is no such producer: it begins with `init`")?.clone();
        let producer = Identity { epoch: epoch.unwrap_or(named.who.epoch), ..named.who };
        let transactional_id = named.transactional_id.clone();
        let request = EndTxnRequest { transactional_id: transactional_id.clone(), producer, commit };
        let who = self.ask_coordinator::<EndTxn>(&transactional_id, request, true)?;
        if epoch.is_none() && who != named.who {
            self.producers.insert(name, Named { who, next: Default::default(), ..named });
        }
        Ok(told(who))
    }

    /// `transaction pay-1`.
    pub(super) fn transaction(&mut self, mut args: Args<'_>) -> Answer {
        let id: String = args.value("transactional id")?;
        args.done()?;
        let request = FindCoordinatorRequest { transactional_id: id.clone() };
        let record: TransactionRecord = self.ask_coordinator::<DescribeTransactions>(&id, request, true)?;
        let mut words = vec![record.state.to_string(), told(record.producer)];
        let partitions: Vec<_> = record.partitions.iter().map(ToString::to_string).collect();
        if !partitions.is_empty() {
            words.push(partitions.join(" "));
        }
        Ok(words.join("  "))
    }

    /// `coordinator pay-1`.
    pub(super) fn coordinator(&mut self, mut args: Args<'_>) -> Answer {
        let id: String = args.value("transactional id")?;
        args.done()?;
        let cluster = self.below.below.base.client()?;
        let broker = self.below.below.base.world()?.run(async move { find(&cluster, &id).await })??;
        Ok(format!("broker {broker}"))
    }

    /// Asks who coordinates an id, and then that one. Asks again, like a producer, if that may help.
    fn ask_coordinator<A: Api>(
        &mut self,
        id: &str,
        request: A::Request,
        again: bool,
    ) -> Result<A::Response, Box<dyn Error>>
    where
        A::Request: Clone + Send + Sync + 'static,
        A::Response: Send + 'static,
    {
        let (cluster, id) = (self.below.below.base.client()?, id.to_owned());
        let answer = self.below.below.base.world()?.run(async move {
            let mut tries = 0;
            loop {
                let asked = async {
                    let broker = find(&cluster, &id).await?;
                    connect(broker).await?.call::<A>(request.clone()).await
                };
                match asked.await {
                    Err(error) if again && error.is_retriable() && tries < 100 => tries += 1,
                    answer => return answer,
                }
                sleep(Duration::from_millis(100)).await;
            }
        })?;
        Ok(answer?)
    }

    fn named(&self, args: &mut Args<'_>) -> Result<&Named, Box<dyn Error>> {
        let name: String = args.value("producer")?;
        self.producers.get(&name).ok_or_else(|| "there is no such producer: it begins with `init`".into())
    }
}

async fn find(cluster: &Cluster, id: &str) -> Result<i32, Failure> {
    for _ in 0..100 {
        match cluster.call::<FindCoordinator>(FindCoordinatorRequest { transactional_id: id.to_owned() }).await {
            Err(error) if error.is_retriable() => sleep(Duration::from_millis(100)).await,
            found => return Ok(found?.broker),
        }
    }
    Err(Failure::Closed("the search for a coordinator"))
}

pub(super) fn told(who: Identity) -> String {
    format!("producer {}, epoch {}", who.id, who.epoch)
}

pub(super) fn partition(text: &str) -> Result<TopicPartition, Box<dyn Error>> {
    let (topic, number) = text.rsplit_once('-').ok_or("a partition is topic-number")?;
    Ok(TopicPartition::new(topic, number.parse()?))
}
