//! A member of a cluster that knows transactions: it lets their records in, coordinates those of its partitions of
//! `__transaction_state`, and writes the markers that others have decided.

use std::sync::Arc;
use std::time::Duration;

use acks::broker::Patience;
use acks::produce::wait;
use acks::waiting;
use idempotence::broker::with_producers;
use idempotence::ids::ProducerIds;
use idempotence::producers::ProducersConfig;
use partitioning::api::{CreateTopic, NewTopic};
use partitioning::service::Written as WrittenBatch;
use partitioning::{
    ClientConfig, Context, ErrorCode, Host, Partitions, Refusal, Result, Router, Service, TopicPartition, Writer,
};
use replication::broker::{Broker, BrokerConfig, Doors};
use replication::machine::Decided;
use replication::replica::Replica;
use segment_log::BatchBuilder;
use segment_log::control::{Marker, Outcome};
use tokio::time::Instant;

use crate::api::{
    AddPartitionsRequest, AddPartitionsToTxn, DescribeTransactions, EndTxn, EndTxnRequest, FetchIsolated,
    FindCoordinator, FindCoordinatorResponse, InitTransactions, InitTransactionsRequest, Isolated, ListOffsetsIsolated,
    ListTransactions, ListTransactionsRequest, ListTransactionsResponse, MOST_LISTED, MarkerToWrite,
    ProduceInTransaction, VerifyPartitions, VerifyPartitionsResponse, WriteTxnMarkers, WriteTxnMarkersRequest,
    WriteTxnMarkersResponse, Written,
};
use crate::coordinator::{CoordinatorConfig, Ended, Init, Initialized};
use crate::coordinators::{Coordinators, TRANSACTION_STATE};
use crate::partition::{Transactions, TransactionsConfig, Verification};
use crate::peers::Peers;
use crate::records::{Identity, TransactionRecord};
use crate::verify::Door;

/// What a replica is in this stage.
pub type StageReplica = Replica<Transactions>;

/// What a broker goes by, beside what stages 03 to 05 say. Names and defaults are Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionSettings {
    /// What its partitions remember producers by (stage 05).
    pub producers: ProducersConfig,
    /// `transaction.partition.verification.enable`.
    pub verification: Verification,
    /// What its coordinators go by.
    pub coordinator: CoordinatorConfig,
    /// `transaction.state.log.num.partitions`.
    pub state_partitions: u32,
    /// `transaction.state.log.replication.factor`. While there are fewer brokers, nobody is a coordinator.
    pub state_replicas: u16,
    /// `transaction.state.log.min.isr`.
    pub state_min_in_sync: u32,
}

impl Default for TransactionSettings {
    fn default() -> Self {
        TransactionSettings {
            producers: ProducersConfig::default(),
            verification: Verification::default(),
            coordinator: CoordinatorConfig::default(),
            state_partitions: 50,
            state_replicas: 3,
            state_min_in_sync: 2,
        }
    }
}

impl TransactionSettings {
    /// What makes what each of its partitions knows.
    pub fn fold(&self) -> impl Fn() -> Transactions + Send + Sync + 'static {
        let TransactionSettings { producers, verification, coordinator, .. } = *self;
        let config = TransactionsConfig { producers, verification, epochs: coordinator.epochs };
        move || Transactions::new(config)
    }
}

/// Stage 05's broker with transactions.
///
/// # Errors
///
/// Those of [`Broker::open`].
pub async fn open(
    host: Host,
    config: BrokerConfig,
    patience: Patience,
    settings: TransactionSettings,
) -> Result<Broker<Transactions>> {
    let asking = Asking::of(&config);
    let broker = acks::broker::open_with(host, config, patience, settings.fold()).await?;
    Ok(with_transactions(broker, patience, settings, asking))
}

/// How a broker of this stage asks others, and how long its answers may be: it goes by what it is told for all else.
#[derive(Debug, Clone)]
pub struct Asking {
    client: ClientConfig,
    max_answer: usize,
}

impl Asking {
    /// Of a broker that is told so.
    pub fn of(config: &BrokerConfig) -> Self {
        let client_id = format!("broker {}", config.manager.node_id).into();
        let client = ClientConfig { client_id, ..config.fetcher.client.clone() };
        Asking { client, max_answer: config.limits.max_answer }
    }
}

/// The same broker, which answers as well what stages 05 and 06 ask, and coordinates.
pub fn with_transactions(
    broker: Broker<Transactions>,
    patience: Patience,
    settings: TransactionSettings,
    asking: Asking,
) -> Broker<Transactions> {
    let mut coordinators = None;
    let broker = with_producers(broker).extend(|router, doors| {
        let asked = Asked::new(doors, patience, settings, asking);
        coordinators = Some(asked.door.coordinators.clone());
        asked.routes(router)
    });
    let coordinators = coordinators.expect("it was just made");
    broker.also(|doors| Box::pin(coordinators.run(doors.image.listen())))
}

/// All that the routes lead to.
#[derive(Debug, Clone)]
struct Asked {
    host: Host,
    door: Door,
    ids: ProducerIds,
    patience: Patience,
    settings: TransactionSettings,
    max_answer: usize,
    controller: replication::controller_link::ControllerLink,
}

impl Asked {
    fn new(doors: &Doors<Transactions>, patience: Patience, settings: TransactionSettings, asking: Asking) -> Self {
        let Asking { client, max_answer } = asking;
        let manager = doors.followers.manager().clone();
        let peers = Peers::new(doors.host.clone(), client, doors.image.clone());
        let partitions: Arc<dyn Partitions> = manager.clone();
        let coordinators =
            Coordinators::new(doors.host.clone(), doors.id, settings.coordinator, partitions, peers.clone());
        let door = Door { service: doors.service.clone(), manager, coordinators, peers, limits: patience.acks };
        let ids = ProducerIds::new(doors.id, doors.image.clone(), doors.controller.clone());
        let (host, controller) = (doors.host.clone(), doors.controller.clone());
        Asked { host, door, ids, patience, settings, max_answer, controller }
    }

    fn routes(self, router: Router) -> Router {
        /// A route to a method.
        macro_rules! to {
            ($asked:expr, $method:ident) => {{
                let asked = $asked.clone();
                move |request, context: Context| {
                    let asked = asked.clone();
                    Box::pin(async move { asked.$method(request, &context).await })
                }
            }};
        }
        router
            .route::<ProduceInTransaction>({
                let door = self.door.clone();
                move |request, context| {
                    let door = door.clone();
                    Box::pin(async move { door.produce(request, &context).await })
                }
            })
            .route::<FetchIsolated>(to!(self, fetch))
            .route::<ListOffsetsIsolated>(to!(self, list_offsets))
            .route::<FindCoordinator>(to!(self, find_coordinator))
            .route::<InitTransactions>(to!(self, init))
            .route::<AddPartitionsToTxn>(to!(self, add_partitions))
            .route::<VerifyPartitions>(to!(self, verify))
            .route::<EndTxn>(to!(self, end))
            .route::<WriteTxnMarkers>(to!(self, write_markers))
            .route::<DescribeTransactions>(to!(self, describe))
            .route::<ListTransactions>(to!(self, list))
    }

    fn reading<T>(&self, question: &Isolated<T>) -> Service {
        self.door.service.reading(question.level.isolation())
    }

    async fn fetch(
        &self,
        request: <FetchIsolated as partitioning::api::Api>::Request,
        context: &Context,
    ) -> Result<partitioning::api::FetchResponse, Refusal> {
        let service = self.reading(&request);
        Ok(waiting::fetch(&service, request.question, self.patience.fetches, context, self.max_answer).await)
    }

    async fn list_offsets(
        &self,
        request: Isolated<partitioning::api::ListOffsetsRequest>,
        _: &Context,
    ) -> Result<partitioning::api::ListOffsetsResponse, Refusal> {
        Ok(self.reading(&request).list_offsets(request.question).await)
    }

    /// Whoever asks first has the topic made.
    async fn find_coordinator(
        &self,
        request: crate::api::FindCoordinatorRequest,
        _: &Context,
    ) -> Result<FindCoordinatorResponse, Refusal> {
        let state = self.door.peers.metadata();
        if state.topic(TRANSACTION_STATE).is_none() {
            self.make_topic(state.brokers().len()).await?;
        }
        let at = self.door.coordinators.partition_of(&request.transactional_id)?;
        match self.door.peers.leader(&at) {
            Ok(Some(broker)) => Ok(FindCoordinatorResponse { broker }),
            _ => Err(ErrorCode::CoordinatorNotAvailable.because(format!("{at} has no leader now"))),
        }
    }

    async fn make_topic(&self, brokers: usize) -> Result<(), Refusal> {
        let TransactionSettings { state_partitions, state_replicas, state_min_in_sync, .. } = self.settings;
        // What it begins with it keeps. One copy would be one for ever.
        if brokers < usize::from(state_replicas) {
            let rule = format!(
                "the topic {TRANSACTION_STATE} has {state_replicas} copies (transaction.state.log.replication.factor), \
                 and brokers known: {brokers}"
            );
            return Err(ErrorCode::CoordinatorNotAvailable.because(rule));
        }
        let configs = [
            ("min.insync.replicas", state_min_in_sync.to_string()),
            // A decision that is forgotten is decided again, and otherwise.
            ("unclean.leader.election.enable", "false".to_owned()),
            // What is not known any more was not decided.
            ("retention.ms", "-1".to_owned()),
            ("retention.bytes", "-1".to_owned()),
        ];
        let new = NewTopic {
            name: TRANSACTION_STATE.into(),
            partitions: Some(state_partitions),
            replication_factor: Some(state_replicas),
            configs: configs.map(|(key, value)| (key.to_owned(), value)).into(),
        };
        match self.controller.call::<CreateTopic>(new).await {
            Ok(_) => {}
            Err(error) if error.code() == Some(ErrorCode::TopicAlreadyExists) => {}
            Err(error) => {
                let message = format!("the topic {TRANSACTION_STATE} cannot be made: {error}");
                return Err(ErrorCode::CoordinatorNotAvailable.because(message));
            }
        }
        Err(ErrorCode::CoordinatorNotAvailable.because(format!("the topic {TRANSACTION_STATE} is being made")))
    }

    async fn init(&self, request: InitTransactionsRequest, context: &Context) -> Result<Identity, Refusal> {
        let InitTransactionsRequest { transactional_id, timeout_ms, expected } = request;
        let seat = self.door.coordinators.of(&transactional_id)?;
        let id: Arc<str> = transactional_id.as_str().into();
        let init = Init { id: id.clone(), timeout_ms, expected };
        let mut fresh = None;
        loop {
            let asked = init.clone();
            match seat.runner.ask(move |machine, now| machine.init(&asked, fresh, now)).await.map_err(coordinator)? {
                Initialized::As(producer) => return Ok(producer),
                Initialized::NeedsId => fresh = Some(self.ids.next(context).await?),
                Initialized::NotYet => {
                    seat.decided.notify_one();
                    return Err(ErrorCode::ConcurrentTransactions.because(format!(
                        "the transaction that `{}` had open is being aborted: ask again",
                        partitioning::topics::name::shown(&id)
                    )));
                }
            }
        }
    }

    async fn add_partitions(&self, request: AddPartitionsRequest, _: &Context) -> Result<(), Refusal> {
        let AddPartitionsRequest { transactional_id: id, producer, partitions } = request;
        let state = self.door.peers.metadata();
        for at in &partitions {
            state.find(at)?;
        }
        let seat = self.door.coordinators.of(&id)?;
        let ask = seat.runner.ask(move |machine, now| machine.add_partitions(&id, producer, &partitions, now));
        ask.await.map_err(coordinator)
    }

    async fn verify(&self, request: AddPartitionsRequest, _: &Context) -> Result<VerifyPartitionsResponse, Refusal> {
        let AddPartitionsRequest { transactional_id: id, producer, partitions } = request;
        let seat = self.door.coordinators.of(&id)?;
        let ask = seat.runner.ask(move |machine, _| machine.verify(&id, producer, &partitions).map(Decided::nothing));
        Ok(VerifyPartitionsResponse { partitions: ask.await.map_err(coordinator)? })
    }

    async fn end(&self, request: EndTxnRequest, context: &Context) -> Result<Identity, Refusal> {
        let seat = self.door.coordinators.of(&request.transactional_id)?;
        let mut fresh = None;
        loop {
            let (id, producer, outcome) = (request.transactional_id.clone(), request.producer, request.outcome());
            let ask = seat.runner.ask(move |machine, now| machine.end(&id, producer, outcome, fresh, now));
            match ask.await.map_err(coordinator)? {
                Ended::NeedsId => fresh = Some(self.ids.next(context).await?),
                Ended::As(producer) => {
                    seat.decided.notify_one();
                    return Ok(producer);
                }
            }
        }
    }

    async fn describe(
        &self,
        request: crate::api::FindCoordinatorRequest,
        _: &Context,
    ) -> Result<TransactionRecord, Refusal> {
        let id = request.transactional_id;
        let seat = self.door.coordinators.of(&id)?;
        let known = seat.runner.ask(move |machine, _| {
            let unknown = || {
                let shown = partitioning::topics::name::shown(&id);
                ErrorCode::InvalidProducerIdMapping.because(format!("the transactional id `{shown}` is not known"))
            };
            machine.get(&id).cloned().map(Decided::nothing).ok_or_else(unknown)
        });
        known.await.map_err(coordinator)
    }

    async fn list(&self, request: ListTransactionsRequest, _: &Context) -> Result<ListTransactionsResponse, Refusal> {
        let mut transactions = Vec::new();
        for seat in self.door.coordinators.all()? {
            let after = request.after.clone();
            let ask =
                seat.runner.ask(move |machine, _| Ok(Decided::nothing(machine.list(after.as_deref(), MOST_LISTED))));
            transactions.extend(ask.await.map_err(coordinator)?);
        }
        transactions.sort_unstable_by(|one, other| one.transactional_id.cmp(&other.transactional_id));
        transactions.truncate(MOST_LISTED);
        Ok(ListTransactionsResponse { transactions })
    }

    /// Writes markers, and answers when all in sync have them.
    async fn write_markers(
        &self,
        request: WriteTxnMarkersRequest,
        context: &Context,
    ) -> Result<WriteTxnMarkersResponse, Refusal> {
        let deadline = Instant::now() + self.patience.acks.max_wait.min(Duration::from_secs(10));
        let (partitions, now) = (self.door.manager.clone(), self.host.clock.now());
        let work = move || {
            let one = |marker: MarkerToWrite| -> Vec<_> {
                let at = marker.partitions.clone();
                at.into_iter().map(|at| (append(&*partitions, &at, &marker, now), at)).collect()
            };
            request.markers.into_iter().map(one).collect::<Vec<_>>()
        };
        let appended = self.host.workers.run(work).await;
        let mut markers = Vec::with_capacity(appended.len());
        for of_one in appended {
            let mut told = Vec::with_capacity(of_one.len());
            for (written, at) in of_one {
                told.push(match written {
                    Ok(written) => wait((&at, &written), self.patience.acks.policy, deadline, context).await,
                    Err(refusal) => Err(refusal),
                });
            }
            markers.push(Written { partitions: told });
        }
        Ok(WriteTxnMarkersResponse { markers })
    }
}

fn append(
    partitions: &dyn Partitions,
    at: &TopicPartition,
    marker: &MarkerToWrite,
    now: segment_log::Timestamp,
) -> Result<WrittenBatch, Refusal> {
    let MarkerToWrite { producer, coordinator_epoch, commit, .. } = marker;
    let partition = partitions.find(at)?;
    let before = partition.offsets();
    // It would not be committed, and whoever comes behind this request would wait for it as well.
    if before.in_sync < before.min_in_sync {
        let (found, least) = (before.in_sync, before.min_in_sync);
        let rule = format!("{at}: {found} of the replicas are in sync, and min.insync.replicas demands {least}");
        return Err(ErrorCode::NotEnoughReplicas.because(rule));
    }
    let outcome = if *commit { Outcome::Commit } else { Outcome::Abort };
    let note = Marker { outcome, coordinator_epoch: *coordinator_epoch };
    let batch = BatchBuilder::control(note, producer.id, producer.epoch, now).build();
    let batch = batch.map_err(|error| Refusal::from(segment_log::Error::from(error)))?;
    let appended = partition.append(batch, Writer::Coordinator, now)?;
    Ok(WrittenBatch { partition, appended, before })
}

/// What a runner says of itself, in the words of a coordinator.
fn coordinator(refusal: Refusal) -> Refusal {
    match refusal.code {
        ErrorCode::NotController => ErrorCode::NotCoordinator.because(refusal.message),
        _ => refusal,
    }
}
