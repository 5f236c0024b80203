//! What a client is told.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};

/// How a client talks to a cluster. Names and defaults are Kafka's.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// `bootstrap.servers`: brokers to ask first, as `host:port`. One that can be reached is enough; it names the others.
    pub bootstrap: Vec<String>,
    /// `client.id`: what the client calls itself, for the broker's logs.
    pub client_id: Arc<str>,
    /// `request.timeout.ms`: how long an answer may take.
    pub request_timeout: Duration,
    /// `socket.connection.setup.timeout.ms`: how long a connection may take.
    pub connect_timeout: Duration,
    /// `metadata.max.age.ms`: how old what is known of a topic may be before it is asked again. Until the answer is there,
    /// and if none comes, what is known is used.
    pub metadata_max_age: Duration,
    /// The most bytes of a request that is sent, and of an answer that is taken.
    pub max_frame: usize,
}

impl ClientConfig {
    /// The defaults, with one broker to ask first.
    pub fn new(bootstrap: impl Into<String>) -> Self {
        ClientConfig {
            bootstrap: vec![bootstrap.into()],
            client_id: "".into(),
            request_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            metadata_max_age: Duration::from_secs(300),
            max_frame: 100 << 20,
        }
    }

    /// The same, if a client can work with it.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting.
    pub fn checked(self) -> Result<Self> {
        let must = |holds: bool, key, found: String, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found, rule }) }
        };
        must(!self.bootstrap.is_empty(), "bootstrap.servers", "empty".into(), "it names at least one broker")?;
        for address in &self.bootstrap {
            let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
            let is_port = port.is_some_and(|port| port.parse::<u16>().is_ok());
            must(is_port, "bootstrap.servers", address.clone(), "a broker is host:port, as in localhost:9092")?;
        }
        let ms = |time: Duration| time.as_millis().to_string();
        let some = "it is at least 1";
        must(!self.request_timeout.is_zero(), "request.timeout.ms", ms(self.request_timeout), some)?;
        must(!self.connect_timeout.is_zero(), "socket.connection.setup.timeout.ms", ms(self.connect_timeout), some)?;
        Ok(self)
    }
}
