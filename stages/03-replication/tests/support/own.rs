//! The programs of this stage, for the machines of a story.

use partitioning::Host;
use partitioning::net::BoxFuture;
use replication::broker::{Broker, BrokerConfig};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::look::Member;

use super::driver::Stage;

/// This stage's own programs.
pub(crate) struct Replication;

impl Stage for Replication {
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, partitioning::Result<Box<dyn Member>>> {
        Box::pin(async move { Ok(Box::new(Broker::<()>::open(host, config).await?) as Box<dyn Member>) })
    }

    fn controller(
        &self,
        host: Host,
        config: ControllerProcessConfig,
    ) -> BoxFuture<'static, partitioning::Result<ControllerProcess>> {
        Box::pin(ControllerProcess::open(host, config))
    }
}
