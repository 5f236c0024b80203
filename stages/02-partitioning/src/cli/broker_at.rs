//! Where the broker is: what all clients' commands are told.

use partitioning::{ClientConfig, Cluster, Host};

use super::failure::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct BrokerAt {
    /// A broker to ask first; it names the others (bootstrap.servers)
    #[arg(
        long,
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:9092",
        env = "PARTITIONING_BROKER",
        hide_env_values = true,
        value_parser = address
    )]
    broker: String,
}

impl BrokerAt {
    /// What is known of the cluster: nothing yet.
    pub(crate) fn cluster(&self) -> Result<Cluster, Failure> {
        let config = ClientConfig { client_id: "partitioning".into(), ..ClientConfig::new(self.broker.clone()) };
        Ok(Cluster::new(Host::real(), config)?)
    }
}

/// Reads `host:port`.
pub(crate) fn address(text: &str) -> Result<String, String> {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
    match port.is_some_and(|port| port.parse::<u16>().is_ok()) {
        true => Ok(text.to_owned()),
        false => Err("an address is HOST:PORT, as in 127.0.0.1:9092".to_owned()),
    }
}
