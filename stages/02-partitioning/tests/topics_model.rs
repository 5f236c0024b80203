//! Topics against a model of them: a map from names to partitions, in memory.
//!
//! Chance makes up a life: topics are made, grown, deleted and written to, also where that is against the rules, and the
//! broker is closed or killed and started again. Topics and model go through it side by side. Each act must be refused with
//! the code that the model foretells, or do what it does there; and after each, both must hold the same.
//!
//! The lives are the same in every run. `MODEL_CASES=2000` makes more of them, `MODEL_SEED=2` others. A life that goes wrong
//! is made shorter before it is printed.

#[path = "support/data.rs"]
mod data;
#[path = "support/touchy_disk.rs"]
mod touchy_disk;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use data::{Data, append, at, read_all, topic, with_configs};
use partitioning::{ErrorCode, Topics, TopicsConfig};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// The most partitions of all topics together.
const ROOM: usize = 14;
/// Names that are free, some of which collide; one that is illegal, and one that is the brokers' own.
const NAMES: [(u32, &str); 6] =
    [(8, "orders"), (6, "a.b"), (4, "payments"), (2, "a_b"), (1, "a b"), (1, "__cluster_metadata")];

#[derive(Debug, Clone)]
enum Act {
    Create { name: &'static str, partitions: u32, copies: u16, setting: Setting },
    Grow { name: &'static str, count: u32 },
    Delete { name: &'static str },
    Append { name: &'static str, partition: u32, value: u8 },
    Restart { clean: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    None,
    Good,
    Bad,
}

fn life() -> impl Strategy<Value = Vec<Act>> {
    let name = || prop::strategy::Union::new_weighted(NAMES.map(|(weight, name)| (weight, Just(name))).to_vec());
    let setting = prop_oneof![12 => Just(Setting::None), 6 => Just(Setting::Good), 1 => Just(Setting::Bad)];
    let copies = prop_oneof![1 => Just(0u16), 20 => Just(1), 1 => Just(2)];
    let act = prop_oneof![
        5 => (name(), 0..5u32, copies, setting)
            .prop_map(|(name, partitions, copies, setting)| Act::Create { name, partitions, copies, setting }),
        4 => (name(), 1..8u32).prop_map(|(name, count)| Act::Grow { name, count }),
        2 => name().prop_map(|name| Act::Delete { name }),
        8 => (name(), 0..3u32, any::<u8>())
            .prop_map(|(name, partition, value)| Act::Append { name, partition, value }),
        1 => any::<bool>().prop_map(|clean| Act::Restart { clean }),
    ];
    prop::collection::vec(act, 1..60)
}

/// Names, and of each partition its records.
#[derive(Debug, Default)]
struct Model(BTreeMap<String, Vec<Vec<String>>>);

impl Model {
    fn room(&self) -> usize {
        ROOM - self.0.values().map(Vec::len).sum::<usize>()
    }

    /// Does an act, or says why not.
    fn perform(&mut self, act: &Act) -> Result<(), ErrorCode> {
        match act {
            Act::Create { name, partitions, copies, setting } => {
                self.create(name, *partitions as usize, *copies, *setting)
            }
            Act::Grow { name, count } => self.grow(name, *count as usize),
            Act::Delete { name: "__cluster_metadata" } => Err(ErrorCode::InvalidRequest),
            Act::Delete { name } => self.0.remove(*name).map(drop).ok_or(ErrorCode::UnknownTopicOrPartition),
            Act::Append { name, partition, value } => {
                let topic = self.0.get_mut(*name);
                let partition = topic.and_then(|partitions| partitions.get_mut(*partition as usize));
                partition.ok_or(ErrorCode::UnknownTopicOrPartition)?.push(value.to_string());
                Ok(())
            }
            Act::Restart { .. } => Ok(()),
        }
    }

    fn create(&mut self, name: &str, partitions: usize, copies: u16, setting: Setting) -> Result<(), ErrorCode> {
        let twin = BTreeMap::from([("a.b", "a_b"), ("a_b", "a.b")]);
        let has_twin = twin.get(name).is_some_and(|twin| self.0.contains_key(*twin));
        match name {
            "__cluster_metadata" => return Err(ErrorCode::InvalidRequest),
            _ if self.0.contains_key(name) => return Err(ErrorCode::TopicAlreadyExists),
            "a b" => return Err(ErrorCode::InvalidTopic),
            _ if has_twin => return Err(ErrorCode::InvalidTopic),
            _ if copies != 1 => return Err(ErrorCode::InvalidReplicationFactor),
            _ if partitions == 0 => return Err(ErrorCode::InvalidPartitions),
            _ if setting == Setting::Bad => return Err(ErrorCode::InvalidConfig),
            _ if partitions > self.room() => return Err(ErrorCode::InvalidPartitions),
            _ => {}
        }
        self.0.insert(name.to_owned(), vec![Vec::new(); partitions]);
        Ok(())
    }

    fn grow(&mut self, name: &str, count: usize) -> Result<(), ErrorCode> {
        if name == "__cluster_metadata" {
            return Err(ErrorCode::InvalidRequest);
        }
        let room = self.room();
        let topic = self.0.get_mut(name).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        if count <= topic.len() || count - topic.len() > room {
            return Err(ErrorCode::InvalidPartitions);
        }
        topic.resize(count, Vec::new());
        Ok(())
    }
}

/// The topics, and the folder that they are in.
struct World {
    data: Data,
    /// `None` for the moment between a stop and the next start: a folder has one owner at a time.
    topics: Option<Topics>,
}

impl World {
    fn new() -> Self {
        let data = Data::new();
        let topics = Self::open(&data).expect("an empty folder opens");
        World { data, topics: Some(topics) }
    }

    fn open(data: &Data) -> Result<Topics, String> {
        let config = TopicsConfig { max_partitions: ROOM, ..data.config() };
        data.try_open(config).map_err(|error| error.to_string())
    }

    fn topics(&self) -> &Topics {
        self.topics.as_ref().expect("it was opened again")
    }

    fn perform(&mut self, act: &Act) -> Result<Result<(), ErrorCode>, String> {
        let done = match act {
            Act::Create { name, partitions, copies, setting } => {
                let configs: &[_] = match setting {
                    Setting::None => &[],
                    Setting::Good => &[("retention.ms", "-1")],
                    Setting::Bad => &[("retention.ms", "-2")],
                };
                let mut new = with_configs(topic(name, *partitions), configs);
                new.replication_factor = Some(*copies);
                self.topics().create(&new).map(drop)
            }
            Act::Grow { name, count } => self.topics().grow(&Arc::from(*name), *count).map(drop),
            Act::Delete { name } => self.topics().delete(name),
            Act::Append { name, partition, value } => {
                append(self.topics(), &at(name, *partition), &value.to_string()).map(drop)
            }
            Act::Restart { clean } => {
                self.restart(*clean)?;
                Ok(())
            }
        };
        Ok(done.map_err(|refusal| refusal.code))
    }

    fn restart(&mut self, clean: bool) -> Result<(), String> {
        let topics = self.topics.take();
        if let Some(topics) = topics.filter(|_| clean)
            && !topics.close().map_err(|error| error.to_string())?
        {
            return Err("it was not closed in order".to_owned());
        }
        self.topics = Some(Self::open(&self.data)?);
        Ok(())
    }

    fn check(&self, model: &Model) -> Result<(), String> {
        let mut found = BTreeMap::new();
        for (name, info) in self.topics().describe(None) {
            let count = info.map_err(|refusal| refusal.to_string())?.partitions.len() as u32;
            let records: Result<_, _> = (0..count).map(|number| read_all(self.topics(), &at(&name, number))).collect();
            found.insert(name, records.map_err(|refusal| refusal.to_string())?);
        }
        if found != model.0 {
            return Err(format!("there is {found:?}, and there should be {:?}", model.0));
        }
        let names =
            |(name, count): (&String, usize)| (0..count).map(move |n| format!("{name}-{n}")).collect::<Vec<_>>();
        let mut folders: Vec<_> = model.0.iter().flat_map(|(name, all)| names((name, all.len()))).collect();
        folders.sort();
        match self.data.folders() == folders {
            true => Ok(()),
            false => Err(format!("the folders are {:?}, and should be {folders:?}", self.data.folders())),
        }
    }
}

/// What the lives were made of: a generator that idles proves nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    created: usize,
    grown: usize,
    deleted: usize,
    appended: usize,
    restarted: usize,
    refused: usize,
}

impl Coverage {
    fn count(&mut self, act: &Act, done: Result<(), ErrorCode>) {
        let counter = match (act, done) {
            (_, Err(_)) => &mut self.refused,
            (Act::Create { .. }, _) => &mut self.created,
            (Act::Grow { .. }, _) => &mut self.grown,
            (Act::Delete { .. }, _) => &mut self.deleted,
            (Act::Append { .. }, _) => &mut self.appended,
            (Act::Restart { .. }, _) => &mut self.restarted,
        };
        *counter += 1;
    }
}

fn live(life: &[Act], coverage: &Cell<Coverage>) -> Result<(), String> {
    let (mut world, mut model, mut counted) = (World::new(), Model::default(), coverage.get());
    for act in life {
        let (done, foretold) = (world.perform(act)?, model.perform(act));
        if done != foretold {
            return Err(format!("{act:?}: {done:?}, and it should be {foretold:?}"));
        }
        world.check(&model).map_err(|wrong| format!("{act:?}: {wrong}"))?;
        counted.count(act, done);
    }
    coverage.set(counted);
    Ok(())
}

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn topics_live_as_their_model_does() {
    let (cases, seed) = (from_env("MODEL_CASES", 48), from_env("MODEL_SEED", 1));
    let config =
        ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 500, ..ProptestConfig::default() };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let coverage = Cell::new(Coverage::default());
    let outcome = runner.run(&life(), |life| live(&life, &coverage).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(wrong, life)) => panic!("{wrong}\nin this life:\n{life:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let coverage = coverage.get();
    println!("{cases} lives: {coverage:?}");
    let Coverage { created, grown, deleted, appended, restarted, refused } = coverage;
    let each = [created, grown, deleted, appended, restarted, refused];
    assert!(each.iter().all(|&times| times > cases as usize / 2), "too little happened: {coverage:?}");
}
