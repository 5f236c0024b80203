//! What a client knows of the cluster, and its connections to it.
//!
//! A client is told of one broker, and asks it for the others (`Metadata`): which brokers there are, which topics, and
//! which broker *leads* which partition. Records go to the leader and come from it. What was learned is kept, and asked
//! again when it is old, or when it has turned out to be wrong.
//!
//! What is old is seldom wrong. So the first who finds that it is old has a broker asked, and waits for the answer for a
//! moment, and not longer: if none comes, he gets what is known. All who come meanwhile get that at once.
//!
//! Answers may overtake each other, as they come from several brokers. Of each partition the answer with the higher
//! *leader epoch* is believed, as that number grows with each change of the leader.

use std::cmp::max_by_key;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::warn;

use super::{Client, ClientConfig};
use crate::api::{Api, Metadata, MetadataRequest, MetadataResponse, TopicInfo, TopicPartition};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Host;
use crate::news::News;

/// `retry.backoff.ms`: how long what is old is left as it is after no broker could say anything newer.
const RETRY_BACKOFF: Duration = Duration::from_millis(100);

/// See the [module](self). Clones share what is known, and the connections.
#[derive(Debug, Clone)]
pub struct Cluster {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    host: Host,
    config: ClientConfig,
    known: Mutex<Known>,
    /// By address. Whoever finds no connection makes one, while the others wait for it.
    connections: Mutex<BTreeMap<String, Slot>>,
    /// How often any broker was asked: they take turns.
    turn: AtomicUsize,
}

/// A connection, if one was made.
type Slot = Arc<tokio::sync::Mutex<Option<Client>>>;

/// How long the first who finds that something is old waits for news. (Kafka's producer does not wait: its sender asks.)
const PATIENCE: Duration = Duration::from_secs(1);

/// What comes of a question about a topic.
type Answered = Option<Result<Arc<TopicInfo>>>;

/// Whoever asks a broker, for all who wait. If he goes away with his runtime, they are told that there will be no answer.
struct Asking(News<Answered>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What brokers have told.
#[derive(Debug, Default)]
struct Known {
    /// Addresses by id.
    brokers: BTreeMap<i32, String>,
    topics: BTreeMap<String, KnownTopic>,
    /// Topics that a broker is being asked about.
    asking: BTreeMap<String, News<Answered>>,
    /// Addresses from which no answer came the last time.
    silent: BTreeSet<String>,
}

#[derive(Debug)]
struct KnownTopic {
    info: Arc<TopicInfo>,
    /// From here on it is old.
    fresh_until: Instant,
}

impl Cluster {
    /// Asks nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`].
    pub fn new(host: Host, config: ClientConfig) -> Result<Self> {
        let config = config.checked()?;
        let (known, connections, turn) = (Mutex::default(), Mutex::default(), AtomicUsize::new(0));
        Ok(Cluster { shared: Arc::new(Shared { host, config, known, connections, turn }) })
    }

    /// The machine that the client runs on.
    pub fn host(&self) -> &Host {
        &self.shared.host
    }

    /// What the client was told.
    pub fn config(&self) -> &ClientConfig {
        &self.shared.config
    }

    /// A topic: what is known of it, or what a broker says now if nothing is known. If what is known is older than
    /// `metadata.max.age.ms`, a broker is asked, and what is known is good until it has answered. However many want to know
    /// of a topic, one question at a time is asked for them.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::UnknownTopicOrPartition`], and those of [`call`](Self::call).
    pub async fn topic(&self, name: &str) -> Result<Arc<TopicInfo>> {
        let (old, asked) = {
            let mut known = self.known();
            let old = known.topics.get(name).map(|topic| (topic.info.clone(), topic.fresh_until));
            // One that is closed ended without an answer, with its runtime.
            let asked = known.asking.get(name).map(News::listen).filter(|asked| asked.has_changed().is_ok());
            match (old, asked) {
                (Some((info, fresh_until)), None) if fresh_until > Instant::now() => return Ok(info),
                (Some((info, _)), Some(_)) => return Ok(info),
                (old, asked) => (old, asked.unwrap_or_else(|| self.ask(&mut known, name))),
            }
        };
        let Some((info, _)) = old else { return answer_to(asked).await };
        match timeout(PATIENCE, answer_to(asked)).await {
            Ok(Err(error)) if error.code() == Some(ErrorCode::UnknownTopicOrPartition) => Err(error),
            Ok(answer) => Ok(answer.unwrap_or(info)),
            Err(_) => Ok(info),
        }
    }

    /// Lets a broker be asked about a topic. That goes on even if nobody waits any more: the answer is good for the next
    /// who comes.
    fn ask(&self, known: &mut Known, name: &str) -> watch::Receiver<Answered> {
        let asking = Asking(News::new(None));
        let asked = asking.0.listen();
        known.asking.insert(name.to_owned(), asking.0.clone());
        let (cluster, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            let answer = cluster.refresh(&name).await;
            let mut known = cluster.known();
            known.asking.remove(&name);
            if let (Err(error), Some(topic)) = (&answer, known.topics.get_mut(&name)) {
                warn!("what is known of the topic {name} is old, and nothing newer is to be had: {error}");
                topic.fresh_until = Instant::now() + RETRY_BACKOFF;
            }
            drop(known);
            asking.0.tell(Some(answer));
        });
        asked
    }

    /// A topic, as a broker describes it now. Asks by itself, as who calls this has found that what is known is wrong, and
    /// a question that is under way may be older than that.
    ///
    /// # Errors
    ///
    /// As [`topic`](Self::topic).
    pub async fn refresh(&self, name: &str) -> Result<Arc<TopicInfo>> {
        let answer = self.call::<Metadata>(MetadataRequest { topics: Some(vec![name.to_owned()]) }).await?;
        self.learn(name, answer)
    }

    /// All brokers' ids, as one of them says now.
    ///
    /// # Errors
    ///
    /// Those of [`call`](Self::call).
    pub async fn brokers(&self) -> Result<Vec<i32>> {
        let told = self.call::<Metadata>(MetadataRequest { topics: Some(Vec::new()) }).await?.brokers;
        let brokers: BTreeMap<_, _> = told.into_iter().map(|broker| (broker.id, broker.address)).collect();
        self.known().brokers = brokers.clone();
        Ok(brokers.into_keys().collect())
    }

    fn learn(&self, name: &str, answer: MetadataResponse) -> Result<Arc<TopicInfo>> {
        let mut known = self.known();
        known.brokers = answer.brokers.into_iter().map(|broker| (broker.id, broker.address)).collect();
        let described = answer.topics.into_iter().find(|(described, _)| described == name);
        match described {
            Some((_, Ok(told))) => {
                let before = known.topics.get(name).map(|topic| &*topic.info);
                let info = Arc::new(newer(before, told));
                let fresh_until = Instant::now() + self.shared.config.metadata_max_age;
                known.topics.insert(name.to_owned(), KnownTopic { info: info.clone(), fresh_until });
                Ok(info)
            }
            Some((_, Err(refusal))) => {
                // Any other refusal says nothing of the topic.
                if refusal.code == ErrorCode::UnknownTopicOrPartition {
                    known.topics.remove(name);
                }
                Err(refusal.into())
            }
            None => {
                Err(ErrorCode::UnknownServerError.because(format!("the broker said nothing of topic {name}")).into())
            }
        }
    }

    /// The leader of a partition, by its id, and a connection to it.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::UnknownTopicOrPartition`], [`Error::Unreachable`], and those of [`call`](Self::call).
    pub async fn leader(&self, at: &TopicPartition) -> Result<(i32, Client)> {
        let mut topic = self.topic(&at.topic).await?;
        if topic.partitions.len() <= at.partition as usize {
            // The topic may have grown since.
            topic = self.refresh(&at.topic).await?;
        }
        let count = topic.partitions.len();
        let partition = topic.partitions.get(at.partition as usize).ok_or_else(|| {
            let message = format!("there is no partition {at}: the topic has {count}, numbered from 0");
            ErrorCode::UnknownTopicOrPartition.because(message)
        })?;
        let leader =
            partition.leader.ok_or_else(|| ErrorCode::LeaderNotAvailable.because(format!("{at} has no leader")))?;
        Ok((leader, self.broker(leader).await?))
    }

    /// The connection to a broker. It is shared by all who use this cluster.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`].
    pub async fn broker(&self, id: i32) -> Result<Client> {
        self.connection(&self.address(id)?).await
    }

    /// A new connection to a broker, for whoever must not wait behind the requests of others.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`].
    pub async fn dedicated(&self, id: i32) -> Result<Client> {
        Client::connect(&self.shared.host, &self.address(id)?, &self.shared.config).await
    }

    /// Asks any broker that can be reached. They take turns; one that left the last question without an answer is asked
    /// when there is no other.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] if there is none; else what came of asking.
    pub async fn call<A: Api>(&self, request: A::Request) -> Result<A::Response> {
        let client = self.any().await?;
        let answer = client.call::<A>(request).await;
        match &answer {
            Err(Error::Unreachable { .. } | Error::Disconnected { .. } | Error::TimedOut { .. }) => {
                self.known().silent.insert(client.address().to_owned())
            }
            _ => self.known().silent.remove(client.address()),
        };
        answer
    }

    /// A connection to any broker.
    async fn any(&self) -> Result<Client> {
        let mut last = None;
        for address in self.candidates() {
            match self.connection(&address).await {
                Ok(client) => return Ok(client),
                Err(error) => last = Some(error),
            }
            self.known().silent.insert(address);
        }
        Err(last.expect("bootstrap.servers names at least one broker"))
    }

    /// Whom to ask first, and whom then: first those that answered when they were last asked; of these first the brokers
    /// that are known, then those that were named at the start; of these first whoever we have a connection to, in turn.
    /// (Kafka's client asks the one that has the fewest requests under way.)
    fn candidates(&self) -> Vec<String> {
        let known = self.known();
        let turn = self.shared.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = |mut addresses: Vec<String>| {
            let first = turn % addresses.len().max(1);
            addresses.rotate_left(first);
            addresses
        };
        let named = self.shared.config.bootstrap.iter().filter(|&named| known.brokers.values().all(|at| at != named));
        let (brokers, named) = (known.brokers.values().cloned().collect(), named.cloned().collect());
        let mut addresses = in_turn(brokers);
        let brokers = addresses.len();
        addresses.extend(in_turn(named));
        let mut places: Vec<_> = addresses.into_iter().enumerate().collect();
        places.sort_by_cached_key(|(place, address)| {
            (known.silent.contains(address), *place >= brokers, !self.is_connected(address), *place)
        });
        places.into_iter().map(|(_, address)| address).collect()
    }

    fn is_connected(&self, address: &str) -> bool {
        let slot = self.connections().get(address).cloned();
        // Whoever holds it connects just now.
        slot.is_some_and(|slot| {
            slot.try_lock().is_ok_and(|slot| slot.as_ref().is_some_and(|client| !client.is_closed()))
        })
    }

    async fn connection(&self, address: &str) -> Result<Client> {
        let slot = self.connections().entry(address.to_owned()).or_default().clone();
        let mut slot = slot.lock().await;
        if let Some(client) = slot.as_ref().filter(|client| !client.is_closed()) {
            return Ok(client.clone());
        }
        let client = Client::connect(&self.shared.host, address, &self.shared.config).await?;
        *slot = Some(client.clone());
        Ok(client)
    }

    fn address(&self, id: i32) -> Result<String> {
        let address = self.known().brokers.get(&id).cloned();
        address.ok_or_else(|| Error::Unreachable {
            address: format!("broker {id}"),
            reason: "no broker of that number is known".to_owned(),
        })
    }

    fn connections(&self) -> MutexGuard<'_, BTreeMap<String, Slot>> {
        self.shared.connections.lock().expect("nothing panics while it holds the list")
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.shared.known.lock().expect("nothing panics while it holds what is known")
    }
}

async fn answer_to(mut asked: watch::Receiver<Answered>) -> Result<Arc<TopicInfo>> {
    match asked.wait_for(Option::is_some).await {
        Ok(answer) => answer.clone().expect("it was waited for"),
        Err(_) => Err(Error::Closed("the runtime in which a broker was asked")),
    }
}

/// What to believe of a topic when `told` comes and `before` is known: of each partition the higher leader epoch, and `told`
/// if they are equal. A topic does not shrink, so partitions that `told` does not have came later than it was written.
/// A topic with another id is another topic, of which nothing was known.
fn newer(before: Option<&TopicInfo>, mut told: TopicInfo) -> TopicInfo {
    let Some(before) = before.filter(|before| before.id == told.id) else { return told };
    for (told, before) in told.partitions.iter_mut().zip(&before.partitions) {
        *told = max_by_key(before, &*told, |partition| partition.leader_epoch).clone();
    }
    let more = before.partitions.iter().skip(told.partitions.len());
    told.partitions.extend(more.cloned());
    told
}
