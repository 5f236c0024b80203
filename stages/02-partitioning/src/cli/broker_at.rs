//! Where the broker is: what all clients' commands are told.

use super::Program;
use super::failure::Failure;
use crate::{ClientConfig, Cluster, Host};

/// `--broker`. The variable that stands for it is the [`Program`]'s.
#[derive(Debug, clap::Args)]
pub struct BrokerAt {
    /// A broker to ask first; it names the others (bootstrap.servers)
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9092", value_parser = address)]
    broker: String,
}

impl BrokerAt {
    /// What is known of the cluster: nothing yet.
    ///
    /// # Errors
    ///
    /// None that the command line lets through.
    pub fn cluster(&self, program: &Program) -> Result<Cluster, Failure> {
        self.cluster_with(program, |_| {})
    }

    /// The same for a client that is told more: `configure` changes its settings.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config), for what it has changed.
    pub fn cluster_with(
        &self,
        program: &Program,
        configure: impl FnOnce(&mut ClientConfig),
    ) -> Result<Cluster, Failure> {
        let mut config = ClientConfig { client_id: program.name.into(), ..ClientConfig::new(self.broker.clone()) };
        configure(&mut config);
        Ok(Cluster::new(Host::real(), config)?)
    }
}

/// Reads `host:port`.
///
/// # Errors
///
/// A sentence with an example.
pub fn address(text: &str) -> Result<String, String> {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
    match port.is_some_and(|port| port.parse::<u16>().is_ok()) {
        true => Ok(text.to_owned()),
        false => Err("an address is HOST:PORT, as in 127.0.0.1:9092".to_owned()),
    }
}
