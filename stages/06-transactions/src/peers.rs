//! A broker's lines to the other brokers, for what its coordinators and leaders ask them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use partitioning::api::Api;
use partitioning::news::News;
use partitioning::{Client, ClientConfig, ErrorCode, Host, Result, TopicPartition};
use replication::metadata::Image;
use replication::state::ClusterState;

/// See the [module](self). Clones share the connections.
#[derive(Debug, Clone)]
pub(crate) struct Peers {
    host: Host,
    config: ClientConfig,
    image: News<Image>,
    connections: Arc<Mutex<BTreeMap<i32, Client>>>,
}

impl Peers {
    /// Lines over which questions are asked as `config` says.
    pub(crate) fn new(host: Host, config: ClientConfig, image: News<Image>) -> Self {
        Peers { host, config, image, connections: Arc::default() }
    }

    /// The metadata as the broker knows them now.
    pub(crate) fn metadata(&self) -> Arc<ClusterState> {
        self.image.now().state
    }

    /// Who leads a partition; `None` if nobody does.
    ///
    /// # Errors
    ///
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition).
    pub(crate) fn leader(&self, at: &TopicPartition) -> Result<Option<i32>> {
        Ok(self.metadata().find(at)?.leader)
    }

    /// Asks a broker.
    ///
    /// # Errors
    ///
    /// [`BrokerNotAvailable`](ErrorCode::BrokerNotAvailable) if there is no such broker; as [`Client::connect`] and
    /// [`Client::call`].
    pub(crate) async fn call<A: Api>(&self, broker: i32, request: A::Request) -> Result<A::Response> {
        let state = self.metadata();
        let address = state.broker(broker).map(|record| record.address.clone());
        let address = address.ok_or_else(|| ErrorCode::BrokerNotAvailable.because(format!("no broker {broker}")))?;
        let known = self.connections().get(&broker).cloned();
        let client = match known.filter(|client| !client.is_closed() && client.address() == address) {
            Some(client) => client,
            None => {
                let client = Client::connect(&self.host, &address, &self.config).await?;
                self.connections().insert(broker, client.clone());
                client
            }
        };
        client.call::<A>(request).await
    }

    fn connections(&self) -> std::sync::MutexGuard<'_, BTreeMap<i32, Client>> {
        self.connections.lock().expect("nothing panics while it holds the connections")
    }
}
