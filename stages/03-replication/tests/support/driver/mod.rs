//! What this stage's stories drive: real brokers, a real controller and real clients, on a simulated network.
//!
//! | command | what it does |
//! |---|---|
//! | `cluster brokers=3 …` | starts a controller and so many brokers. Settings: see `settings.rs` |
//! | `topic orders partitions=1 replicas=3 …` | makes a topic, with settings of its own by Kafka's names |
//! | `delete orders`, `grow orders to=3` | changes one |
//! | `produce orders "paid 10" key=k partition=0` | sends each record to the leader, and waits for its answer |
//! | `produce orders "paid 10" to=1` | sends it to broker 1, whoever leads: as a client does that has heard of no other |
//! | `consume orders`, `consume orders from=1` | what consumers see; of broker 1 |
//! | `fetch broker=2` | where `cluster fetch=by-hand` was said: has broker 2 ask its leaders once |
//! | `isolate broker=1`, `isolate controller` | cuts the cables to all other machines but the client's |
//! | `cut from="broker 1" to="broker 2"` | cuts one cable, in one direction |
//! | `heal` | mends all cables |
//! | `hold client "broker 1"`, `release client "broker 1"` | keeps everything between two machines back, and delivers it later |
//! | `stop broker=1` | the broker takes its leave and stops in order |
//! | `kill broker=1` | its process dies. What it has written is there when it starts again |
//! | `power broker=1` | its machine loses power. What was not flushed is gone |
//! | `wipe broker=1` | its machine loses power, and its disk |
//! | `start broker=1` | it starts again |
//! | `elect orders-0 preferred`, `elect orders-0 unclean` | asks for another leader |
//! | `reassign orders-0 to="2,3,1"` | moves replicas |
//! | `wait 5s` | lets time pass. The clock moves only while something is waited for |
//! | `show`, `show orders-0` | where each replica stands, as it knows it |
//! | `controller`, `controller brokers` | what the controller has decided last |
//!
//! Nothing reads the machine's clock, and no path of it is printed, so a story reads the same everywhere.

mod acts;
mod faults;
mod lines;
mod machine;
mod messages;
mod picture;
pub(crate) mod records;
mod settings;
mod text;
mod world;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use partitioning::net::BoxFuture;
use partitioning::producer::Producer;
use partitioning::{ClientConfig, Cluster, Host, TopicPartition};
use replication::broker::BrokerConfig;
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::look::Member;
use segment_log::Offset;
use serde_json::{Value, json};
use story::{Args, Command, System};
use tempfile::TempDir;

use settings::Settings;
pub(crate) use world::World;

/// The stage whose programs run on the machines. A later stage plays these stories with its own.
pub(crate) trait Stage: Send + Sync + 'static {
    /// A broker that is ready to run.
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, partitioning::Result<Box<dyn Member>>>;

    /// A controller that is ready to run.
    fn controller(
        &self,
        host: Host,
        config: ControllerProcessConfig,
    ) -> BoxFuture<'static, partitioning::Result<ControllerProcess>>;
}

/// What a command answers.
pub(crate) type Answer = Result<String, Box<dyn Error>>;

/// See the [module](self).
pub(crate) struct Driver {
    stage: Arc<dyn Stage>,
    // Dropped in this order: who uses the network, the network, the folders.
    producer: Option<Arc<Producer>>,
    cluster: Option<Cluster>,
    world: Option<World>,
    /// What producers were told is safe.
    acked: Vec<Value>,
    /// What consumers were given last.
    read: Vec<Value>,
    /// Replicas of brokers that do not run, as they were last.
    last_known: BTreeMap<i32, Value>,
    root: TempDir,
}

impl Driver {
    /// No machine runs yet.
    pub(crate) fn new(stage: impl Stage) -> Self {
        Self::of(Arc::new(stage))
    }

    /// The same.
    pub(crate) fn of(stage: Arc<dyn Stage>) -> Self {
        Driver {
            stage,
            producer: None,
            cluster: None,
            world: None,
            acked: Vec::new(),
            read: Vec::new(),
            last_known: BTreeMap::new(),
            root: tempfile::tempdir().expect("the system has room for a temporary folder"),
        }
    }

    fn cluster(&mut self, mut args: Args<'_>) -> Answer {
        let brokers: i32 = args.key("brokers")?.unwrap_or(3);
        let mut settings = Settings::default();
        for (key, value) in args.pairs()? {
            settings.set(key, value).map_err(|error| format!("{key}={value}: {error}"))?;
        }
        args.done()?;
        let mut world = World::new(&self.stage, self.root.path(), brokers, settings)?;
        let clients = ClientConfig {
            bootstrap: world.addresses(),
            connect_timeout: std::time::Duration::from_secs(1),
            request_timeout: std::time::Duration::from_secs(1),
            ..ClientConfig::new("")
        };
        let host = world.run(async { Host::simulated() })?;
        self.cluster = Some(Cluster::new(host, clients)?);
        self.world = Some(world);
        Ok(String::new())
    }

    pub(crate) fn world(&mut self) -> Result<&mut World, Box<dyn Error>> {
        self.world.as_mut().ok_or_else(|| "a story begins with `cluster`".into())
    }

    pub(crate) fn client(&self) -> Result<Cluster, Box<dyn Error>> {
        self.cluster.clone().ok_or_else(|| "a story begins with `cluster`".into())
    }

    /// The brokers that run.
    #[allow(dead_code, reason = "for later stages")]
    pub(crate) fn running(&mut self) -> Result<Vec<i32>, Box<dyn Error>> {
        let brokers = self.world()?.brokers();
        Ok(brokers.filter(|(_, machine)| machine.inside().running.is_some()).map(|(id, _)| id).collect())
    }

    /// A command begins.
    pub(crate) fn begin(&mut self) {
        if let Some(world) = &mut self.world {
            world.messages().forget();
        }
    }

    /// A producer was told that a record is safe.
    pub(crate) fn note_acked(&mut self, at: &TopicPartition, offset: Offset, value: &str) {
        self.acked.push(json!({ "at": at.to_string(), "offset": offset, "value": value }));
    }

    /// What a consumer was given, and how it reads.
    #[allow(dead_code, reason = "for later stages")]
    pub(crate) fn note_read(&mut self, isolation: &str, seen: impl IntoIterator<Item = (String, Offset, String)>) {
        let one = |(at, offset, value)| json!({ "at": at, "offset": offset, "value": value, "isolation": isolation });
        self.read = seen.into_iter().map(one).collect();
    }

    fn dispatch(&mut self, command: &Command) -> Answer {
        let args = Args::of(command);
        match command.name.as_str() {
            "cluster" => self.cluster(args),
            "topic" => self.topic(args),
            "delete" => self.delete(args),
            "grow" => self.grow(args),
            "elect" => self.elect(args),
            "reassign" => self.reassign(args),
            "produce" => self.produce(args),
            "consume" => self.consume(args),
            "fetch" => self.fetch(args),
            "isolate" => self.isolate(args),
            "cut" => self.cut(args),
            "heal" => self.heal(args),
            "hold" => self.hold(args, true),
            "release" => self.hold(args, false),
            "stop" => self.stop(args),
            "kill" => self.kill(args),
            "power" => self.power(args),
            "wipe" => self.wipe(args),
            "start" => self.start(args),
            "wait" => self.wait(args),
            "show" => self.show(args),
            "controller" => self.controller(args),
            _ => Err(args.unknown_command()),
        }
    }
}

impl System for Driver {
    fn run(&mut self, command: &Command) -> Answer {
        self.begin();
        let answer = self.dispatch(command);
        self.note_last_known();
        answer
    }

    fn state(&self) -> Value {
        match &self.world {
            Some(world) => self.picture(world),
            None => json!({}),
        }
    }

    fn view(&self) -> &'static str {
        "replicas"
    }
}
