//! The service: append, find, look up, each for many partitions at once.

#[path = "../support/data.rs"]
mod data;
mod fetch;
mod list_offsets;
mod produce;
mod seam;
#[path = "../support/touchy_disk.rs"]
mod touchy_disk;

use std::sync::Arc;

use data::{Data, topic};
use partitioning::{Host, Service, ServiceLimits, Topics, Workers};

/// Topic `orders` with three partitions, and a service for them.
fn serve(data: &Data) -> (Arc<Topics>, Service) {
    serve_on(data, data.host(), ServiceLimits::default())
}

fn serve_on(data: &Data, host: Host, limits: ServiceLimits) -> (Arc<Topics>, Service) {
    let topics = Arc::new(data.open());
    topics.create(&topic("orders", 3)).expect("it is made");
    (topics.clone(), Service::new(topics, host, limits))
}

/// A host that has threads for slow calls.
fn with_threads(data: &Data) -> Host {
    Host { workers: Workers::Threads, ..data.host() }
}
