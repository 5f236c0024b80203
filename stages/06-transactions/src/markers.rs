//! Carrying out what is decided: markers go to all partitions of a transaction (Kafka's `TransactionMarkerChannelManager`).
//!
//! ```text
//!   decided: p7 commits, orders-0 and stock-2          broker 1 leads orders-0, broker 3 leads stock-2
//!       │
//!       ├──▶ broker 1: p7 commit in orders-0 ──▶ written, on all in sync
//!       ├──▶ broker 3: p7 commit in stock-2  ──▶ not the leader ──▶ asked again, whoever leads by then
//!       ▼
//!   all have it ──▶ CompleteCommit
//! ```
//!
//! There is no time limit. What is decided is decided, and a partition that has no marker holds its readers back, so it is tried until
//! it is done. A partition that does not exist any more needs none.
//!
//! Which partitions have their marker is not written down. Whoever takes over writes all of them again; a partition that has one
//! knows it by its epoch, and writes no second.
//!
//! To each broker there is one request at a time, with all that is there for it. So many transactions that end together cost few
//! requests, and a broker that does not answer keeps nothing from the others. A request has a bound, and a broker may refuse for long
//! what is in it: so the next one goes on behind it, and those that are refused come again when it is their turn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use partitioning::{ErrorCode, Result, TopicPartition};
use replication::machine::Decided;
use segment_log::control::Outcome;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{debug, warn};

use crate::api::{MarkerToWrite, WriteTxnMarkers, WriteTxnMarkersRequest, WriteTxnMarkersResponse};
use crate::coordinator::Prepared;
use crate::coordinators::Seat;
use crate::peers::Peers;
use crate::records::Identity;

/// How long to wait before what failed is tried again.
const AGAIN: Duration = Duration::from_millis(50);
/// How often it is looked for decisions that nobody has told of: those that follow from the time.
const LOOK: Duration = Duration::from_secs(1);
/// The most transactions in a request.
const MOST: usize = 1_000;
/// The most markers in it: one in each partition. One transaction may have more.
const MOST_MARKERS: usize = 10_000;

/// A transaction that is being carried out.
struct Work {
    prepared: Prepared,
    /// The partitions without a marker.
    left: BTreeSet<TopicPartition>,
    /// Whether it was told that a partition will hardly ever take it.
    is_told: bool,
}

/// By transactional id.
type Works = BTreeMap<Arc<str>, Work>;

/// A request to a broker, and what came of it.
struct Asked {
    broker: i32,
    sent: Vec<MarkerOf>,
    answer: Result<WriteTxnMarkersResponse>,
}

/// A marker in a request, and which transaction it is of.
struct MarkerOf {
    id: Arc<str>,
    producer: Identity,
    partitions: Vec<TopicPartition>,
}

/// Which brokers have a request, and what each was asked last.
#[derive(Default)]
struct Brokers {
    busy: BTreeSet<i32>,
    last: BTreeMap<i32, Arc<str>>,
}

/// Carries out what the coordinator decides, until it does not decide any more.
pub(crate) async fn carry_out(seat: Seat, epoch: i32, peers: Peers) {
    let (mut works, mut brokers, mut asking) = (Works::new(), Brokers::default(), JoinSet::new());
    loop {
        // What it tells is committed: it may be acted on.
        let told = match seat.runner.ask(|machine, _| Ok(Decided::nothing(machine.prepared()))).await {
            Ok(prepared) => {
                take_up(&mut works, prepared);
                drop_deleted(&mut works, &peers);
                finish(&seat, &mut works).await
            }
            Err(refusal) => Err(refusal),
        };
        match told {
            Ok(()) => {}
            Err(refusal) if refusal.code == ErrorCode::NotController => return,
            // Too many ask at a time, say. What is decided has to be carried out all the same.
            Err(refusal) => {
                debug!("markers wait: {refusal}");
                sleep(AGAIN).await;
                continue;
            }
        }
        send(&works, &mut brokers, &mut asking, epoch, &peers);
        let is_stuck = !works.is_empty() && asking.is_empty();
        tokio::select! {
            biased;
            Some(asked) = asking.join_next() => {
                let asked: Asked = asked.expect("who asks does not panic");
                brokers.busy.remove(&asked.broker);
                learn(&mut works, asked);
            }
            () = seat.decided.notified() => {}
            () = sleep(if is_stuck { AGAIN } else { LOOK }) => {}
        }
    }
}

/// What is new among the decided. What is not among them any more was carried out.
fn take_up(works: &mut Works, prepared: Vec<Prepared>) {
    let known: BTreeMap<_, _> = prepared.into_iter().map(|prepared| (prepared.id.clone(), prepared)).collect();
    works.retain(|id, work| known.get(id).is_some_and(|prepared| prepared.producer == work.prepared.producer));
    for (id, prepared) in known {
        let left = || prepared.partitions.iter().cloned().collect();
        works.entry(id).or_insert_with(|| Work { left: left(), prepared: prepared.clone(), is_told: false });
    }
}

/// A partition that is deleted needs no marker.
fn drop_deleted(works: &mut Works, peers: &Peers) {
    let state = peers.metadata();
    for work in works.values_mut() {
        work.left.retain(|at| state.partition(at).is_some());
    }
}

/// Tells the coordinator of those that all partitions have.
async fn finish(seat: &Seat, works: &mut Works) -> Result<(), partitioning::Refusal> {
    let done: Vec<_> = works.values().filter(|work| work.left.is_empty()).map(|work| work.prepared.clone()).collect();
    for Prepared { id, producer, .. } in done {
        works.remove(&id);
        seat.runner.ask(move |machine, now| Ok(machine.complete(&id, producer, now))).await?;
    }
    Ok(())
}

/// Sends to each broker that has no request what is there for it, as much as a request may have.
fn send(works: &Works, brokers: &mut Brokers, asking: &mut JoinSet<Asked>, epoch: i32, peers: &Peers) {
    let mut by_broker: BTreeMap<i32, Vec<(MarkerOf, bool)>> = BTreeMap::new();
    for (id, work) in works {
        let mut led: BTreeMap<i32, Vec<TopicPartition>> = BTreeMap::new();
        for at in &work.left {
            // Nobody may lead it now.
            if let Ok(Some(leader)) = peers.leader(at) {
                led.entry(leader).or_default().push(at.clone());
            }
        }
        for (broker, partitions) in led.into_iter().filter(|(broker, _)| !brokers.busy.contains(broker)) {
            let marker = MarkerOf { id: id.clone(), producer: work.prepared.producer, partitions };
            by_broker.entry(broker).or_default().push((marker, work.prepared.outcome == Outcome::Commit));
        }
    }
    for (broker, markers) in by_broker {
        let (mut sent, mut request) = (Vec::new(), WriteTxnMarkersRequest { markers: Vec::new() });
        for (marker, commit) in turn(markers, brokers.last.get(&broker)) {
            let (producer, partitions) = (marker.producer, marker.partitions.clone());
            request.markers.push(MarkerToWrite { producer, coordinator_epoch: epoch, commit, partitions });
            sent.push(marker);
        }
        brokers.busy.insert(broker);
        brokers.last.extend(sent.last().map(|marker| (broker, marker.id.clone())));
        let peers = peers.clone();
        asking.spawn(async move {
            let answer = peers.call::<WriteTxnMarkers>(broker, request).await;
            if !has_done(&answer) {
                // The same question at once would have the same answer. The other brokers do not wait for this one.
                sleep(AGAIN).await;
            }
            Asked { broker, sent, answer }
        });
    }
}

/// Those whose turn it is, of what is there for a broker in the order of the ids: from behind the last one that it was asked about,
/// and around, as many as a request may have.
fn turn(mut markers: Vec<(MarkerOf, bool)>, last: Option<&Arc<str>>) -> Vec<(MarkerOf, bool)> {
    let behind = markers.partition_point(|(marker, _)| last.is_some_and(|last| marker.id <= *last));
    let first = behind % markers.len().max(1);
    markers.rotate_left(first);
    let mut room = MOST_MARKERS;
    let fits = |(place, (marker, _)): (usize, &(MarkerOf, bool))| {
        let fits = place == 0 || marker.partitions.len() <= room;
        room = room.saturating_sub(marker.partitions.len());
        fits
    };
    let count = markers.iter().enumerate().map(fits).take(MOST).take_while(|fits| *fits).count();
    markers.truncate(count);
    markers
}

/// Whether a marker of a request is written.
fn has_done(answer: &Result<WriteTxnMarkersResponse>) -> bool {
    let mut written = answer.iter().flat_map(|answer| &answer.markers).flat_map(|marker| &marker.partitions);
    written.any(|written| written.is_ok())
}

/// Learns from an answer.
fn learn(works: &mut Works, Asked { broker, sent, answer }: Asked) {
    let answers = match answer {
        Ok(answer) if answer.markers.len() == sent.len() => answer.markers,
        Ok(_) => {
            return warn!("broker {broker} has not answered what it was asked about markers");
        }
        Err(error) => return debug!("no markers on broker {broker} yet: {error}"),
    };
    for (MarkerOf { id, producer, partitions }, written) in sent.into_iter().zip(answers) {
        let Some(work) = works.get_mut(&id).filter(|work| work.prepared.producer == producer) else { continue };
        for (at, written) in partitions.iter().zip(written.partitions) {
            match written {
                Ok(()) => drop(work.left.remove(at)),
                // Another coordinator has written a later one: this one's time is over, and its log will say so. Or the partition
                // is wrong. In no case has it the marker.
                Err(refusal) if is_grave(refusal.code) && !work.is_told => {
                    work.is_told = true;
                    warn!("{at} has no marker of `{id}`: {refusal}");
                }
                Err(refusal) => debug!("{at} has no marker of `{id}` yet: {refusal}"),
            }
        }
    }
}

fn is_grave(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TransactionCoordinatorFenced | ErrorCode::InvalidProducerEpoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(id: usize, partitions: u32) -> (MarkerOf, bool) {
        let partitions = (0..partitions).map(|number| TopicPartition::new("orders", number)).collect();
        (MarkerOf { id: format!("{id:05}").into(), producer: Identity { id: 7, epoch: 1 }, partitions }, true)
    }

    fn ids(markers: &[(MarkerOf, bool)]) -> Vec<usize> {
        markers.iter().map(|(marker, _)| marker.id.parse().expect("it is a number")).collect()
    }

    /// A broker may refuse a thousand of them for ever. Whoever comes behind these has his turn all the same.
    #[test]
    fn what_is_refused_takes_nobodys_turn() {
        let all = || (0..2_500).map(|id| marker(id, 1)).collect::<Vec<_>>();
        let (mut last, mut asked) = (None, Vec::new());
        for _ in 0..3 {
            let next = turn(all(), last.as_ref());
            assert!(next.len() <= MOST);
            last = next.last().map(|(marker, _)| marker.id.clone());
            asked.extend(ids(&next));
        }
        let around = (0..2_500).chain(0..500);
        assert_eq!(asked, around.collect::<Vec<_>>());
        assert_eq!(ids(&turn(vec![marker(3, 1)], last.as_ref())), [3]);
        assert_eq!(ids(&turn(vec![marker(3, 1)], Some(&"00003".into()))), [3]);
        assert!(turn(Vec::new(), last.as_ref()).is_empty());
    }

    #[test]
    fn a_request_has_so_many_markers_and_no_more() {
        let markers = [marker(1, 6_000), marker(2, 4_000), marker(3, 1), marker(4, 20_000), marker(5, 1)];
        let shares = |last: &str| ids(&turn(markers.iter().map(copy).collect(), Some(&last.into())));
        assert_eq!(shares(""), [1, 2]);
        assert_eq!(shares("00002"), [3]);
        assert_eq!(shares("00003"), [4], "more than there is room for, and it must be carried out");
        assert_eq!(shares("00004"), [5, 1]);
    }

    fn copy((marker, commit): &(MarkerOf, bool)) -> (MarkerOf, bool) {
        let MarkerOf { id, producer, partitions } = marker;
        (MarkerOf { id: id.clone(), producer: *producer, partitions: partitions.clone() }, *commit)
    }
}
