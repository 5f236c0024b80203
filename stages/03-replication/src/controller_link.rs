//! A broker's line to the controller.
//!
//! Requests of one connection are answered one after the other. So each of a broker's tasks has a line of its own: a
//! heartbeat must not wait behind the making of a large topic.
//!
//! Left out: finding the controller. It is one process at a known address until stage 08.

use std::sync::Arc;

use partitioning::api::Api;
use partitioning::{Client, ClientConfig, Host, Result};
use tokio::sync::Mutex;

/// See the [module](self). Clones share the connection.
#[derive(Debug, Clone)]
pub struct ControllerLink {
    host: Host,
    config: ClientConfig,
    connection: Arc<Mutex<Option<Client>>>,
}

impl ControllerLink {
    /// A line to the controller, which is the one address in `config`. Connects when there is something to ask.
    pub fn new(host: Host, config: ClientConfig) -> Self {
        ControllerLink { host, config, connection: Arc::default() }
    }

    /// Another line to the same controller.
    pub fn another(&self) -> Self {
        Self::new(self.host.clone(), self.config.clone())
    }

    /// Asks the controller.
    ///
    /// # Errors
    ///
    /// As [`Client::connect`] and [`Client::call`].
    pub async fn call<A: Api>(&self, request: A::Request) -> Result<A::Response> {
        self.client().await?.call::<A>(request).await
    }

    /// The connection, which is made if there is none.
    pub(crate) async fn client(&self) -> Result<Client> {
        let mut connection = self.connection.lock().await;
        if let Some(client) = connection.as_ref().filter(|client| !client.is_closed()) {
            return Ok(client.clone());
        }
        let address = self.config.bootstrap.first().map_or("", String::as_str);
        let client = Client::connect(&self.host, address, &self.config).await?;
        *connection = Some(client.clone());
        Ok(client)
    }
}
