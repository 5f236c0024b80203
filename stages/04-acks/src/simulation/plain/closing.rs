//! When all is healed: a fresh record to each partition, and one last reading from the first offset to the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use history::Sent;
use tokio::time::sleep;

use super::super::workload::Seat;
use super::Shared;
use super::consuming::{consumer, poll};
use super::sending::send;
use crate::api::Acks;

/// How long to wait before a question that failed is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// Sends and reads. Does not give up: how long it may take is for the caller to say. Gives an error for what can be no matter of
/// time.
pub(super) async fn close(shared: Arc<Shared>, seat: Seat) -> Result<(), String> {
    let name = format!("{}-last", shared.name);
    let client = shared.recorder.client(name.as_str());
    let cluster = seat.cluster(&name);
    for at in &shared.partitions {
        // A value is sent once: who tries again takes another.
        loop {
            let value = shared.value();
            let sending = client.send(seat.now(), &at.to_string().into(), value);
            let sent = send(&cluster, at, value.to_be_bytes().to_vec(), Acks::All, seat.session).await;
            sending.end(seat.now(), sent);
            match sent {
                Sent::Acked { .. } => break,
                sent => seat.say(&name, format_args!("a fresh record for {at}: {sent}")),
            }
            sleep(AGAIN).await;
        }
    }
    let mut reader = consumer(&shared, &seat, &name);
    let draining = client.drain(seat.now());
    let ends = loop {
        match reader.end_offsets(&shared.partitions).await {
            Ok(ends) => break ends,
            Err(error) => seat.say(&name, format_args!("no ends: {error}")),
        }
        sleep(AGAIN).await;
    };
    let is_there = |at: &_, end: &_| shared.positions().get(&name).and_then(|mine| mine.get(at).copied()) >= Some(*end);
    while !ends.iter().all(|(at, end)| *end == 0 || is_there(at, end)) {
        poll(&shared, &client, &seat, &name, &mut reader).await;
    }
    let ends: BTreeMap<_, _> = ends.iter().map(|(at, end)| (at.to_string().into(), *end)).collect();
    draining.reached(seat.now(), ends);
    reader.close().await;
    Ok(())
}
