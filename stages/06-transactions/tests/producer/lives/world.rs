//! A world for lives: the real coordinator, partitions that are models, and chance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use partitioning::api::{
    BrokerInfo, Metadata, MetadataResponse, PartitionInfo, ProducePartition, ProduceResponse, Produced, TopicId,
    TopicInfo,
};
use partitioning::{ErrorCode, Refusal, Router, TopicPartition};
use replication::machine::{Machine, Moment};
use segment_log::BatchView;
use segment_log::control::Outcome;
use tokio::time::{Instant, sleep};
use transactions::api::{
    AddPartitionsToTxn, EndTxn, FindCoordinator, FindCoordinatorResponse, InitTransactions, ProduceInTransaction,
    ProduceInTransactionRequest,
};
use transactions::coordinator::{Coordinator, CoordinatorConfig, Ended, Init, Initialized, Ruling};
use transactions::records::Identity;

use super::{ADDRESS, Coverage, PATIENCE, WAR};
use crate::support::ms;

/// A record that is in a log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub(super) value: u32,
    pub(super) outcome: Option<Outcome>,
}

/// A partition.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    epoch: i16,
    next: i32,
    is_open: bool,
    pub(super) log: Vec<Written>,
    /// Where the batches of this epoch are, by their first number.
    known: BTreeMap<i32, i64>,
}

/// All that the world knows.
pub(super) struct State {
    coordinator: Coordinator,
    pub(super) shelves: BTreeMap<TopicPartition, Shelf>,
    random: fastrand::Rng,
    trouble: u32,
    began: Instant,
    pub(super) coverage: Coverage,
}

impl State {
    pub(super) fn new(seed: u64, trouble: u32, config: CoordinatorConfig) -> Self {
        State {
            coordinator: Coordinator::new(config),
            shelves: BTreeMap::new(),
            random: fastrand::Rng::with_seed(seed),
            trouble,
            began: Instant::now(),
            coverage: Coverage::default(),
        }
    }

    fn now(&self) -> Moment {
        let uptime = self.began.elapsed();
        Moment { wall: uptime.as_millis() as i64, uptime }
    }

    fn is_peace(&self) -> bool {
        self.began.elapsed() >= ms(WAR)
    }

    fn decide<T>(&mut self, rule: impl FnOnce(&mut Coordinator, Moment) -> Ruling<T>) -> Result<T, Refusal> {
        let now = self.now();
        let decided = rule(&mut self.coordinator, now)?;
        decided.records.iter().for_each(|record| self.coordinator.replay(record));
        Ok(decided.reply)
    }

    /// Time passes: transactions take too long, and markers are written.
    pub(super) fn pass(&mut self) {
        let now = self.now();
        let due = self.coordinator.tick(now);
        self.coverage.overtime += due.len() as u64;
        due.iter().for_each(|record| self.coordinator.replay(record));
        for prepared in self.coordinator.prepared() {
            if !self.is_peace() && self.random.u32(0..100) < self.trouble {
                continue;
            }
            for at in &prepared.partitions {
                let shelf = self.shelves.entry(at.clone()).or_default();
                for written in shelf.log.iter_mut().filter(|written| written.outcome.is_none()) {
                    written.outcome = Some(prepared.outcome);
                }
                shelf.is_open = false;
                if prepared.producer.epoch > shelf.epoch {
                    (shelf.epoch, shelf.next) = (prepared.producer.epoch, 0);
                    shelf.known.clear();
                }
            }
            let done = self.decide(|machine, now| Ok(machine.complete(&prepared.id, prepared.producer, now)));
            done.expect("what is prepared is completed");
        }
    }

    fn append(&mut self, id: &str, one: &ProducePartition) -> Result<Produced, Refusal> {
        let batch = BatchView::parse(&one.records.0).expect("a batch");
        assert!(batch.is_transactional());
        let (epoch, first) = (batch.producer_epoch(), batch.base_sequence());
        let who = Identity { id: batch.producer_id(), epoch };
        let shelf = self.shelves.entry(one.at.clone()).or_default();
        let produced = |base_offset| Produced { base_offset, log_append_time: None, log_start: 0 };
        if epoch < shelf.epoch {
            return Err(ErrorCode::InvalidProducerEpoch.because("an older epoch"));
        }
        if epoch == shelf.epoch
            && let Some(&offset) = shelf.known.get(&first)
        {
            self.coverage.duplicates += 1;
            return Ok(produced(offset));
        }
        if !(shelf.is_open && epoch == shelf.epoch) {
            self.coordinator.verify(id, who, std::slice::from_ref(&one.at))?.remove(0)?;
        }
        if first != if epoch == shelf.epoch { shelf.next } else { 0 } {
            return Err(ErrorCode::OutOfOrderSequenceNumber.because("not the next number"));
        }
        if epoch > shelf.epoch {
            shelf.known.clear();
        }
        let offset = shelf.log.len() as i64;
        (shelf.epoch, shelf.is_open) = (epoch, true);
        shelf.known.insert(first, offset);
        let records = batch.records(1 << 20).expect("it opens");
        for record in records.iter() {
            let value =
                std::str::from_utf8(record.expect("it reads").value.expect("a value")).unwrap().parse().unwrap();
            shelf.log.push(Written { value, outcome: None });
        }
        shelf.next = first + records.iter().count() as i32;
        Ok(produced(offset))
    }
}

/// Clones are the same one.
#[derive(Clone)]
pub(super) struct World(pub(super) Arc<Mutex<State>>);

impl World {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Does something, or not, or late, and answers, or not.
    async fn chance<T: Send + 'static>(
        &self,
        may_be_late: bool,
        apply: impl FnOnce(&mut State) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (what, late) = {
            let mut state = self.state();
            let is_trouble = !state.is_peace() && state.random.u32(0..100) < state.trouble;
            (if is_trouble { state.random.u32(0..6) } else { 6 }, state.random.u64(1..PATIENCE * 2))
        };
        match what {
            0 => Err(ErrorCode::CoordinatorLoadInProgress.because("not now")),
            1 => std::future::pending().await,
            2 => {
                // It is done, and nobody answers.
                drop(apply(&mut self.state()));
                std::future::pending().await
            }
            3 if may_be_late => {
                let world = self.clone();
                let done = tokio::spawn(async move {
                    sleep(ms(late)).await;
                    apply(&mut world.state())
                });
                done.await.expect("it does not panic")
            }
            4 => {
                drop(apply(&mut self.state()));
                Err(ErrorCode::NotCoordinator.because("not any more"))
            }
            5 => Err(ErrorCode::CoordinatorNotAvailable.because("nobody")),
            _ => apply(&mut self.state()),
        }
    }

    pub(super) fn router(&self, partitions: u32) -> Router {
        let (init, add, end, produce) = (self.clone(), self.clone(), self.clone(), self.clone());
        Router::new(1 << 20)
            .route::<Metadata>(move |_, _| Box::pin(async move { Ok(metadata(partitions)) }))
            .route::<FindCoordinator>(|_, _| Box::pin(async { Ok(FindCoordinatorResponse { broker: 1 }) }))
            .route::<InitTransactions>(move |request, _| {
                let world = init.clone();
                let id: Arc<str> = request.transactional_id.as_str().into();
                let asked = Init { id, timeout_ms: request.timeout_ms, expected: request.expected };
                Box::pin(async move {
                    world
                        // One that is overtaken by the next attempt fences its own producer, as it would any other.
                        .chance(false, move |state| {
                            match state.decide(|machine, now| machine.init(&asked, Some(7), now))? {
                                Initialized::As(who) => Ok(who),
                                _ => Err(ErrorCode::ConcurrentTransactions.because("ask again")),
                            }
                        })
                        .await
                })
            })
            .route::<AddPartitionsToTxn>(move |request, _| {
                let world = add.clone();
                Box::pin(async move {
                    let apply = move |state: &mut State| {
                        let (id, who, partitions) = (request.transactional_id, request.producer, request.partitions);
                        state.decide(|machine, now| machine.add_partitions(&id, who, &partitions, now))
                    };
                    world.chance(true, apply).await
                })
            })
            .route::<EndTxn>(move |request, _| {
                let world = end.clone();
                Box::pin(async move {
                    let apply = move |state: &mut State| {
                        let (id, who, outcome) = (&request.transactional_id, request.producer, request.outcome());
                        match state.decide(|machine, now| machine.end(id, who, outcome, None, now))? {
                            Ended::As(who) => Ok(who),
                            Ended::NeedsId => unreachable!("there are epochs enough"),
                        }
                    };
                    world.chance(true, apply).await
                })
            })
            .route::<ProduceInTransaction>(move |request, _| {
                let world = produce.clone();
                Box::pin(async move {
                    let ProduceInTransactionRequest { transactional_id, produce } = request;
                    let id = transactional_id.expect("it is said");
                    let apply = move |state: &mut State| {
                        let one = |one: ProducePartition| (one.at.clone(), state.append(&id, &one));
                        Ok(ProduceResponse { partitions: produce.partitions.into_iter().map(one).collect() })
                    };
                    world.chance(true, apply).await
                })
            })
    }
}

fn metadata(partitions: u32) -> MetadataResponse {
    let led = PartitionInfo { leader: Some(1), leader_epoch: 0, replicas: vec![1], in_sync: vec![1] };
    let topic = TopicInfo { id: TopicId(1), partitions: vec![led; partitions as usize], configs: Default::default() };
    let brokers = vec![BrokerInfo { id: 1, address: ADDRESS.to_owned() }];
    MetadataResponse { brokers, topics: vec![("orders".to_owned(), Ok(topic))] }
}
