//! The commands that every program of a cluster has. A program says which stage's broker they start, and adds its own beside them:
//!
//! ```text
//!   enum Command {
//!       #[command(flatten)]
//!       Cluster(ClusterCommand<Replication>),
//!       Produce(…), Consume(…),
//!   }
//! ```

use std::io::Write;

use clap::Subcommand;
use partitioning::cli::failure::Failure;
use partitioning::cli::{Program, runtime, topics};
use tokio::runtime::Runtime;

use super::stage::Stage;
use super::{cluster, controller, describe, elect, reassign, serve};

/// See the [module](self).
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "what each does is told by its arguments' docs, which are its help")]
pub enum ClusterCommand<S: Stage> {
    Cluster(cluster::Args<S>),
    Controller(controller::Args<S>),
    Serve(serve::Args<S>),
    CreateTopic(topics::CreateArgs),
    GrowTopic(topics::GrowArgs),
    DeleteTopic(topics::DeleteArgs),
    Describe(describe::Args),
    ElectLeader(elect::Args),
    Reassign(reassign::Args),
}

impl<S: Stage> ClusterCommand<S> {
    /// What its work runs on. `cluster` leaves the work to others.
    ///
    /// # Errors
    ///
    /// If the system has no room for it.
    pub fn runtime(&self) -> Result<Runtime, Failure> {
        match self {
            ClusterCommand::Controller(_) | ClusterCommand::Serve(_) => runtime::of_server(),
            _ => runtime::of_client(),
        }
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// Those of the command.
    pub async fn run(self, program: &Program, out: &mut dyn Write) -> Result<(), Failure> {
        match self {
            ClusterCommand::Cluster(args) => cluster::run(program, &args, out).await,
            ClusterCommand::Controller(args) => controller::run(&args, out).await,
            ClusterCommand::Serve(args) => serve::run(&args, out).await,
            ClusterCommand::CreateTopic(args) => topics::create(program, args, out).await,
            ClusterCommand::GrowTopic(args) => topics::grow(program, args, out).await,
            ClusterCommand::DeleteTopic(args) => topics::delete(program, args, out).await,
            ClusterCommand::Describe(args) => describe::run(program, &args, out).await,
            ClusterCommand::ElectLeader(args) => elect::run(program, &args, out).await,
            ClusterCommand::Reassign(args) => reassign::run(program, &args, out).await,
        }
    }
}
