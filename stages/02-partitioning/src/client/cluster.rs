//! What a client knows of the cluster, and its connections to it.
//!
//! A client is told of one broker, and asks it for the others (`Metadata`): which brokers there are, which topics, and
//! which broker *leads* which partition. Records go to the leader and come from it. What was learned is kept, and asked
//! again when it is old, or when it has turned out to be wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::time::Instant;

use super::{Client, ClientConfig};
use crate::api::{Api, Metadata, MetadataRequest, TopicInfo, TopicPartition};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Host;

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
    connections: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<Option<Client>>>>>,
}

/// What brokers have told.
#[derive(Debug, Default)]
struct Known {
    /// Addresses by id.
    brokers: BTreeMap<i32, String>,
    topics: BTreeMap<String, (Arc<TopicInfo>, Instant)>,
}

impl Cluster {
    /// Asks nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`].
    pub fn new(host: Host, config: ClientConfig) -> Result<Self> {
        let config = config.checked()?;
        let (known, connections) = (Mutex::default(), Mutex::default());
        Ok(Cluster { shared: Arc::new(Shared { host, config, known, connections }) })
    }

    /// The machine that the client runs on.
    pub fn host(&self) -> &Host {
        &self.shared.host
    }

    /// What the client was told.
    pub fn config(&self) -> &ClientConfig {
        &self.shared.config
    }

    /// A topic: what is known of it, or what a broker says now if nothing is known or it is older than
    /// `metadata.max.age.ms`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::UnknownTopicOrPartition`], and those of [`call`](Self::call).
    pub async fn topic(&self, name: &str) -> Result<Arc<TopicInfo>> {
        let max_age = self.shared.config.metadata_max_age;
        let fresh = self.known().topics.get(name).filter(|(_, since)| since.elapsed() < max_age).cloned();
        match fresh {
            Some((topic, _)) => Ok(topic),
            None => self.refresh(name).await,
        }
    }

    /// A topic, as a broker describes it now.
    ///
    /// # Errors
    ///
    /// As [`topic`](Self::topic).
    pub async fn refresh(&self, name: &str) -> Result<Arc<TopicInfo>> {
        let answer = self.call::<Metadata>(MetadataRequest { topics: Some(vec![name.to_owned()]) }).await?;
        let mut known = self.known();
        known.brokers = answer.brokers.into_iter().map(|broker| (broker.id, broker.address)).collect();
        let described = answer.topics.into_iter().find(|(described, _)| described == name);
        match described {
            Some((_, Ok(topic))) => {
                let topic = Arc::new(topic);
                known.topics.insert(name.to_owned(), (topic.clone(), Instant::now()));
                Ok(topic)
            }
            Some((_, Err(refusal))) => {
                known.topics.remove(name);
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

    /// Asks any broker that can be reached.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] if there is none; else what came of asking.
    pub async fn call<A: Api>(&self, request: A::Request) -> Result<A::Response> {
        self.any().await?.call::<A>(request).await
    }

    /// A connection to any broker: to one that is known, or else to one that was named at the start.
    async fn any(&self) -> Result<Client> {
        let mut addresses: Vec<String> = self.known().brokers.values().cloned().collect();
        addresses.extend(self.shared.config.bootstrap.iter().cloned());
        let mut last = None;
        for address in addresses {
            match self.connection(&address).await {
                Ok(client) => return Ok(client),
                Err(error) => last = Some(error),
            }
        }
        Err(last.expect("bootstrap.servers names at least one broker"))
    }

    async fn connection(&self, address: &str) -> Result<Client> {
        let slot = {
            let mut connections = self.shared.connections.lock().expect("nothing panics while it holds the list");
            connections.entry(address.to_owned()).or_default().clone()
        };
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

    fn known(&self) -> MutexGuard<'_, Known> {
        self.shared.known.lock().expect("nothing panics while it holds what is known")
    }
}
