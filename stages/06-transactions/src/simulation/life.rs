//! A producer of transactions: it begins, does one after the other, and dies. The next one with its id begins while it may still live.

use std::sync::Arc;
use std::time::Duration;

use acks::producer::AckedSending;
use acks::simulation::Draw;
use acks::simulation::workload::{Program, Seat};
use history::{Client, Deciding, Decision, Sent, Transaction};
use partitioning::ErrorCode;
use partitioning::net::BoxFuture;
use partitioning::producer::{NO_OFFSET, ProducerConfig, ProducerRecord};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Shared;
use crate::producer::{TransactionError, TransactionalConfig, TransactionalProducer};

/// How long to wait before a call that failed is made again.
const AGAIN: Duration = Duration::from_millis(200);

/// A program that has one transactional id.
pub(super) struct Lives {
    name: String,
    number: usize,
    shared: Arc<Shared>,
}

impl Lives {
    pub(super) fn new(shared: &Arc<Shared>, number: usize) -> Self {
        Lives { name: format!("{}-producer-{number}", shared.name), number, shared: shared.clone() }
    }
}

impl Program for Lives {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, seat: Seat) -> BoxFuture<'static, ()> {
        Box::pin(run(self.shared.clone(), seat, self.number, self.name.clone()))
    }
}

/// One producer after the other.
async fn run(shared: Arc<Shared>, mut seat: Seat, number: usize, name: String) {
    let mut zombies = JoinSet::new();
    let mut begun = 0;
    let mut is_done = false;
    while !is_done {
        // It knows nothing of those before.
        begun += 1;
        let name = format!("{name}.{}.{begun}", seat.restarts);
        let mut own = seat.clone();
        own.draw = Draw::new(seat.draw.seed(), &name);
        own.nudge.mark_unchanged();
        seat.nudge.mark_unchanged();
        let mut life = tokio::task::JoinSet::new();
        life.spawn(live(shared.clone(), own, shared.id(number), name));
        tokio::select! {
            biased;
            ended = life.join_next() => is_done = matches!(ended, Some(Ok(true))),
            _ = seat.nudge.changed() => {
                // It ends in the middle of its work, or is thought to have ended.
                if seat.draw.chance(50) {
                    zombies.spawn(async move { while life.join_next().await.is_some() {} });
                }
            }
        }
        while zombies.try_join_next().is_some() {}
    }
    // Each is fenced, or does what the last one did.
    while zombies.join_next().await.is_some() {}
}

/// From `init` until all is well again, and it has been of use once more; or until the producer is fenced, which gives false.
async fn live(shared: Arc<Shared>, mut seat: Seat, id: String, name: String) -> bool {
    let client = shared.recorder.client(name.as_str());
    let mut producer = producer(&shared, &mut seat, id, &name);
    if let Err(error) = begun(&mut producer, &seat, &name).await {
        seat.say(&name, format_args!("it does not begin: {error}"));
        return false;
    }
    // Whoever has lived through the storm must be able to go on in the calm. And a storm can leave nobody any room: then it is the
    // calm that gives readers something to be judged by.
    let mut goes_on = false;
    while !(goes_on && shared.done.is_enough()) {
        let is_calm = seat.over.is_cancelled();
        match one(&shared, (&client, &mut seat), &mut producer, &name).await {
            Ok(is_committed) => goes_on |= is_committed && is_calm,
            Err(error) => {
                seat.say(&name, format_args!("it has ended: {error}"));
                return false;
            }
        }
        let pause = seat.draw.time(Duration::ZERO, Duration::from_millis(100));
        sleep(pause).await;
    }
    true
}

/// Asks who it is until somebody says that.
pub(super) async fn begun(
    producer: &mut TransactionalProducer,
    seat: &Seat,
    name: &str,
) -> Result<(), TransactionError> {
    loop {
        match producer.init().await {
            Err(error) if error.is_retriable() => {
                seat.say(name, format_args!("nobody says who it is: {error}"));
                sleep(AGAIN).await;
            }
            begun => return begun,
        }
    }
}

/// A producer with the plan's settings.
pub(super) fn producer(shared: &Shared, seat: &mut Seat, id: String, name: &str) -> TransactionalProducer {
    let linger = shared.plan.linger;
    let request_timeout = seat.request_timeout();
    let sending = AckedSending {
        request_timeout: request_timeout / 2,
        delivery_timeout: linger + request_timeout + Duration::from_secs(6),
        ..AckedSending::default()
    };
    let config = ProducerConfig {
        batch_size: shared.plan.batch_size,
        linger,
        max_block: request_timeout,
        max_in_flight: shared.plan.in_flight,
        seed: Some(seat.draw.seed()),
        ..ProducerConfig::default()
    };
    let transactional = TransactionalConfig { timeout: shared.plan.timeout, sending, ..TransactionalConfig::new(id) };
    TransactionalProducer::new(seat.cluster(name), config, transactional).expect("the settings are good")
}

/// A transaction, from its beginning to its end. Gives whether it is committed; an error is the end of the producer.
async fn one(
    shared: &Arc<Shared>,
    (client, seat): (&Client, &mut Seat),
    producer: &mut TransactionalProducer,
    name: &str,
) -> Result<bool, TransactionError> {
    producer.begin()?;
    let transaction = client.begin(seat.now());
    let mut deliveries = JoinSet::new();
    let (mut records, mut is_whole) = (0, true);
    for _ in 0..seat.draw.from_to(1, 6) {
        if !put(shared, (&transaction, seat), producer, &mut deliveries, name).await {
            is_whole = false;
            break;
        }
        records += 1;
        if seat.draw.chance(30) {
            let pause = seat.draw.time(Duration::ZERO, Duration::from_millis(80));
            sleep(pause).await;
        }
    }
    // At times it takes longer than it may.
    if seat.draw.chance(2) && !seat.over.is_cancelled() {
        sleep(shared.plan.timeout + Duration::from_secs(1)).await;
    }
    let ended = match is_whole && seat.draw.chance(80) {
        true => commit(&transaction, seat, producer, name).await,
        false => abort(&transaction, seat, producer, name).await.map(|()| false),
    };
    while deliveries.join_next().await.is_some() {}
    if matches!(ended, Ok(true)) {
        shared.done.add(records);
    }
    ended
}

/// Sends a record. Gives whether the transaction can still be committed.
async fn put(
    shared: &Arc<Shared>,
    (transaction, seat): (&Transaction, &mut Seat),
    producer: &TransactionalProducer,
    deliveries: &mut JoinSet<()>,
    name: &str,
) -> bool {
    let (at, value) = (seat.draw.one_of(&shared.partitions), shared.value());
    let mut bytes = value.to_be_bytes().to_vec();
    bytes.resize(bytes.len() + seat.draw.from_to(0, 200) as usize, b'.');
    let sending = transaction.send(seat.now(), &at.to_string().into(), value);
    let record = ProducerRecord::new(at.topic.clone(), None, bytes).to_partition(at.partition);
    match producer.send(record).await {
        Ok(delivery) => {
            let seat = seat.clone();
            deliveries.spawn(async move {
                let sent = match delivery.await {
                    Ok(record) => {
                        seat.acked.tell(&at);
                        Sent::Acked { offset: Some(record.offset).filter(|&offset| offset != NO_OFFSET) }
                    }
                    Err(error) if error.is_in_doubt() => Sent::Unknown,
                    Err(_) => Sent::Failed,
                };
                sending.end(seat.now(), sent);
            });
            true
        }
        // It was not sent.
        Err(error) => {
            seat.say(name, format_args!("value {value} is not sent: {error}"));
            sending.failed(seat.now());
            false
        }
    }
}

/// Has the transaction committed, and asks until it is known whether it is.
async fn commit(
    transaction: &Transaction,
    seat: &Seat,
    producer: &mut TransactionalProducer,
    name: &str,
) -> Result<bool, TransactionError> {
    let deciding = transaction.commit(seat.now());
    loop {
        match producer.commit().await {
            Ok(()) => {
                deciding.end(seat.now(), Decision::Committed);
                return Ok(true);
            }
            Err(error) if error.is_retriable() => {
                seat.say(name, format_args!("not committed yet: {error}"));
                sleep(AGAIN).await;
            }
            Err(error) if error.is_abortable() => {
                deciding.end(seat.now(), Decision::Aborted);
                seat.say(name, format_args!("not committed: {error}"));
                return aborted(seat, producer, name).await.map(|()| false);
            }
            Err(error) => return Err(lost(deciding, seat, error)),
        }
    }
}

async fn abort(
    transaction: &Transaction,
    seat: &Seat,
    producer: &mut TransactionalProducer,
    name: &str,
) -> Result<(), TransactionError> {
    let deciding = transaction.abort(seat.now());
    match aborted(seat, producer, name).await {
        Ok(()) => {
            deciding.end(seat.now(), Decision::Aborted);
            Ok(())
        }
        Err(error) => Err(lost(deciding, seat, error)),
    }
}

/// Asks until it is aborted.
async fn aborted(seat: &Seat, producer: &mut TransactionalProducer, name: &str) -> Result<(), TransactionError> {
    loop {
        match producer.abort().await {
            Err(error) if error.is_retriable() => {
                seat.say(name, format_args!("not aborted yet: {error}"));
                sleep(AGAIN).await;
            }
            ended => return ended,
        }
    }
}

/// The producer can do nothing any more.
fn lost(deciding: Deciding, seat: &Seat, error: TransactionError) -> TransactionError {
    let is_fenced = matches!(error.code(), Some(ErrorCode::ProducerFenced | ErrorCode::InvalidProducerEpoch));
    deciding.end(seat.now(), if is_fenced { Decision::Fenced } else { Decision::Unknown });
    error
}
