//! When all is healed: a fresh record to each partition, and one last reading from the first offset to the end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use history::{Client, Sent};
use partitioning::TopicPartition;
use partitioning::producer::{Producer, ProducerRecord};
use tokio::time::sleep;

use super::super::readers::Positions;
use super::super::workload::Seat;
use super::Shared;
use super::producing::{producer, sent};
use crate::api::Acks;

/// How long to wait before a question that failed is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// Sends and reads. Does not give up: how long it may take is for the caller to say. Gives an error for what can be no matter of
/// time.
pub(super) async fn close(shared: Arc<Shared>, mut seat: Seat) -> Result<(), String> {
    let name = format!("{}-last", shared.name);
    let client = shared.recorder.client(name.as_str());
    let producer = producer(&shared, &mut seat, &name, Acks::All);
    let known = fresh_everywhere(&shared, (&client, &seat), &producer).await;
    shared.readers.drain(&client, &seat, &name, &known).await;
    Ok(())
}

/// Has a record acknowledged in each partition. Gives the offsets behind them, as far as they were told.
pub(super) async fn fresh_everywhere(shared: &Shared, who: (&Client, &Seat), producer: &Producer) -> Positions {
    let mut ends = Positions::new();
    for at in &shared.partitions {
        // A value is sent once: who tries again takes another.
        let told = loop {
            match fresh(shared, who, producer, at).await {
                Sent::Acked { offset } => break offset,
                _ => sleep(AGAIN).await,
            }
        };
        shared.acked.fetch_add(1, Ordering::Relaxed);
        ends.extend(told.map(|offset| (at.clone(), offset + 1)));
    }
    ends
}

/// Sends one record, and waits until it is known what became of it.
async fn fresh(shared: &Shared, (client, seat): (&Client, &Seat), producer: &Producer, at: &TopicPartition) -> Sent {
    let value = shared.value();
    let sending = client.send(seat.now(), &at.to_string().into(), value);
    let bytes = value.to_be_bytes().to_vec();
    let record = ProducerRecord::new(at.topic.clone(), None, bytes).to_partition(at.partition);
    let delivered = match producer.send(record).await {
        Ok(delivery) => delivery.await,
        Err(error) => Err(error),
    };
    let sent = sent(&delivered);
    sending.end(seat.now(), sent);
    if let Err(error) = delivered {
        seat.say(&shared.name, format_args!("no fresh record for {at} yet: {error}"));
    }
    sent
}
