//! What this stage's stories drive: a real broker, real producers and consumers, on a simulated network.
//!
//! | command | what it does |
//! |---|---|
//! | `broker max.connections=3 …` | starts the broker with these settings, by Kafka's names; without it, it starts with its defaults |
//! | `stop`, `crash`, `start` | the broker stops in order; dies; starts again |
//! | `topic orders partitions=3 replicas=1 retention.bytes=100` | makes a topic |
//! | `grow orders to=5`, `delete orders` | changes one |
//! | `catalogue` | the records of the broker's own log |
//! | `producer p linger.ms=10 partitioner.class=sticky …` | makes a producer, or one with other settings |
//! | `produce orders a b key=k partition=0 time=3s producer=p` | sends each record and waits for its answer |
//! | `send orders a b key=k … producer=p` | hands records to the producer and does not wait |
//! | `flush p` | waits until all that were sent are answered |
//! | `wait 10ms` | lets time pass, and tells what was answered meanwhile. The clock moves only while something is waited for |
//! | `consumer c orders-0 max.poll.records=2 …` | makes a consumer of a topic or of partitions |
//! | `poll c`, `seek c orders-0 to=3`, `position c`, `pause c orders-0`, `resume c orders-0` | the consumer's own |
//! | `consume orders` | all there is, by a consumer of its own |
//! | `hold`, `release` | the network keeps everything back, and lets it go |
//! | `raw "GET /"`, `raw hex=00000005` | bytes on a connection of their own, and what the broker makes of them |
//! | `show`, `show orders` | what is in the partitions: a batch stands in brackets |
//! | `sizes orders-0` | the batches of a partition, with their bytes |
//!
//! Nothing reads the machine's clock, and no path of it is printed, so a story reads the same everywhere.

mod consuming;
mod picture;
mod producing;
mod raw;
mod settings;
mod text;
mod topics;
mod world;

use std::collections::BTreeMap;
use std::error::Error;

use partitioning::consumer::Consumer;
use partitioning::{ClientConfig, Cluster, Host};
use serde_json::{Value, json};
use story::{Args, Command, System};
use tempfile::TempDir;

use picture::Picture;
use producing::Shop;
use settings::Settings;
use world::{BROKER, World};

/// What a command answers.
type Answer = Result<String, Box<dyn Error>>;

/// See the [module](self).
pub(crate) struct Driver {
    // Dropped in this order: who uses the network, the network, the folder.
    consumers: BTreeMap<String, Option<Consumer>>,
    shops: BTreeMap<String, Shop>,
    cluster: Option<Cluster>,
    world: Option<World>,
    settings: Settings,
    root: TempDir,
}

impl Driver {
    /// Two machines, and nothing runs yet.
    pub(crate) fn new() -> Self {
        Driver {
            consumers: BTreeMap::new(),
            shops: BTreeMap::new(),
            cluster: None,
            world: None,
            settings: Settings::default(),
            root: tempfile::tempdir().expect("the system has room for a temporary folder"),
        }
    }

    /// Starts the broker, for the first time or again.
    fn start(&mut self) -> Result<(), Box<dyn Error>> {
        let settings = self.settings.clone();
        let change = move |config: &mut partitioning::BrokerConfig| settings.apply(config);
        match &mut self.world {
            Some(world) => world.start(change),
            None => {
                self.world = Some(World::new(self.root.path().join("data"), change)?);
                Ok(())
            }
        }
    }

    fn world(&mut self) -> Result<&mut World, Box<dyn Error>> {
        if self.world.is_none() {
            self.start()?;
        }
        Ok(self.world.as_mut().expect("it was just made"))
    }

    /// What the client's machine knows of the cluster.
    fn cluster(&mut self) -> Result<Cluster, Box<dyn Error>> {
        if self.cluster.is_none() {
            let host = self.world()?.run(async { Host::simulated() })?;
            self.cluster = Some(Cluster::new(host, ClientConfig::new(BROKER))?);
        }
        Ok(self.cluster.clone().expect("it was just made"))
    }

    fn picture(&self) -> Option<Picture> {
        Some(Picture::of(&*self.world.as_ref()?.topics()?))
    }

    fn dispatch(&mut self, command: &Command) -> Answer {
        let args = Args::of(command);
        match command.name.as_str() {
            "broker" => self.broker(args),
            "stop" => self.stop(args),
            "crash" => self.crash(args),
            "start" => self.start_again(args),
            "topic" => self.topic(args),
            "grow" => self.grow(args),
            "delete" => self.delete(args),
            "catalogue" => self.catalogue(args),
            "producer" => self.producer(args),
            "produce" => self.produce(args),
            "send" => self.send(args),
            "flush" => self.flush(args),
            "wait" => self.wait(args),
            "consumer" => self.consumer(args),
            "poll" => self.poll(args),
            "seek" => self.seek(args),
            "position" => self.position(args),
            "pause" => self.pause(args, true),
            "resume" => self.pause(args, false),
            "consume" => self.consume(args),
            "hold" => self.hold(args),
            "release" => self.release(args),
            "raw" => self.raw(args),
            "show" => self.show(args),
            "sizes" => self.sizes(args),
            _ => Err(args.unknown_command()),
        }
    }

    /// `show`, `show orders`.
    fn show(&mut self, mut args: Args<'_>) -> Answer {
        let topic: Option<String> = args.optional("topic")?;
        args.done()?;
        let picture = self.picture().ok_or("the broker does not run")?;
        let rows = [picture.rows(topic.as_deref()), self.waiting_rows(topic.as_deref())].concat();
        Ok(story::text::table(&rows))
    }

    /// `sizes orders-0`.
    fn sizes(&mut self, mut args: Args<'_>) -> Answer {
        let at: String = args.value("partition")?;
        args.done()?;
        let picture = self.picture().ok_or("the broker does not run")?;
        Ok(picture.sizes(&Self::partition(&at)?))
    }
}

impl System for Driver {
    fn run(&mut self, command: &Command) -> Answer {
        let root = format!("{}/", self.root.path().display());
        let relative = |text: &str| text.replace(&root, "");
        match self.dispatch(command) {
            Ok(answer) => Ok(relative(&answer)),
            Err(error) => Err(relative(&error.to_string()).into()),
        }
    }

    fn state(&self) -> Value {
        let picture = self.picture();
        let stopped = picture.is_none().then(|| "the broker does not run".to_owned());
        json!({
            "producers": self.shops_json(),
            "topics": picture.map(|picture| picture.to_json()).unwrap_or_default(),
            "consumers": self.consumers_json(),
            "note": stopped,
        })
    }

    fn view(&self) -> &'static str {
        "topics"
    }
}
