//! When all is healed: each transactional id is taken once more, a transaction is in all partitions, nothing holds readers back, and
//! everything is read.

use std::sync::Arc;
use std::time::Duration;

use acks::fetching::LongPolling;
use acks::simulation::readers::Positions;
use acks::simulation::workload::Seat;
use history::{Decision, Sent};
use partitioning::producer::{NO_OFFSET, ProducerRecord};
use tokio::time::sleep;

use super::Shared;
use super::life::{begun, producer};
use crate::consumer::IsolatedFetching;

/// How long to wait before a question that failed is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// Does not give up: how long it may take is for the caller to say. Gives an error for what can be no matter of time.
pub(super) async fn close(shared: Arc<Shared>, mut seat: Seat) -> Result<(), String> {
    let name = format!("{}-last", shared.name);
    // Whoever died with an open transaction comes back.
    for number in 1..=shared.plan.producers {
        let mut producer = producer(&shared, &mut seat, shared.id(number), &name);
        begun(&mut producer, &seat, &name).await.map_err(|error| format!("{}: {error}", shared.id(number)))?;
    }
    let mut attempt = 0;
    let known = loop {
        if let Some(known) = fresh(&shared, &mut seat, &format!("{name}-{attempt}")).await? {
            break known;
        }
        attempt += 1;
        sleep(AGAIN).await;
    };
    let (stable, all) = (Arc::new(IsolatedFetching::committed()), Arc::new(LongPolling::of_consumer()));
    loop {
        // What is stable is asked for first: both only grow.
        let stable = shared.readers.ends(stable.clone(), &seat, &name).await;
        let all = shared.readers.ends(all.clone(), &seat, &name).await;
        if stable == all {
            break;
        }
        seat.say(&name, format_args!("something is open: {stable:?} of {all:?}"));
        sleep(AGAIN).await;
    }
    let client = shared.recorder.client(name.as_str());
    shared.readers.drain(&client, &seat, &name, &known).await;
    Ok(())
}

/// A transaction with a record in each partition. If it is committed, gives the offsets behind them, as far as they were told.
async fn fresh(shared: &Shared, seat: &mut Seat, name: &str) -> Result<Option<Positions>, String> {
    let mut ends = Positions::new();
    let client = shared.recorder.client(name);
    let mut producer = producer(shared, seat, format!("{}-last", shared.name), name);
    begun(&mut producer, seat, name).await.map_err(|error| error.to_string())?;
    producer.begin().map_err(|error| error.to_string())?;
    let transaction = client.begin(seat.now());
    for at in &shared.partitions {
        let value = shared.value();
        let sending = transaction.send(seat.now(), &at.to_string().into(), value);
        let record =
            ProducerRecord::new(at.topic.clone(), None, value.to_be_bytes().to_vec()).to_partition(at.partition);
        let delivery = match producer.send(record).await {
            Ok(delivery) => delivery,
            Err(error) => {
                seat.say(name, format_args!("no fresh record for {at} yet: {error}"));
                sending.failed(seat.now());
                return Ok(None);
            }
        };
        let sent = match delivery.await {
            Ok(record) => {
                let offset = Some(record.offset).filter(|&offset| offset != NO_OFFSET);
                ends.extend(offset.map(|offset| (at.clone(), offset + 1)));
                Sent::Acked { offset }
            }
            Err(error) if error.is_in_doubt() => Sent::Unknown,
            Err(_) => Sent::Failed,
        };
        sending.end(seat.now(), sent);
    }
    let deciding = transaction.commit(seat.now());
    loop {
        match producer.commit().await {
            Ok(()) => {
                deciding.end(seat.now(), Decision::Committed);
                return Ok(Some(ends));
            }
            Err(error) if error.is_retriable() => sleep(AGAIN).await,
            Err(error) => {
                seat.say(name, format_args!("the last transaction is not committed yet: {error}"));
                let is_certain = error.is_abortable();
                deciding.end(seat.now(), if is_certain { Decision::Aborted } else { Decision::Unknown });
                return Ok(None);
            }
        }
    }
}
