//! Fetches that wait at the broker until there is something (a *long poll*).
//!
//! Who asks again and again learns of a record half an interval late, on average, and keeps two machines busy while there is
//! nothing. So the broker keeps the question until it can be answered: with `fetch.min.bytes`, or when `fetch.max.wait.ms` is
//! over with what there is. A consumer waits for the high watermark, a follower for the log's end. It is the same wait as a
//! producer's ([`produce`](crate::produce)): on where the partition stands.
//!
//! ```text
//!   look ─▶ enough, or a refusal, or the time is over? ── yes ─▶ answer
//!    ▲              no
//!    └── somebody's partition stands elsewhere ◀── wait
//! ```
//!
//! A question that waits is one of its connection's, and those behind it wait as well: so a consumer fetches over a connection
//! of its own.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use partitioning::api::{FetchRequest, FetchResponse};
use partitioning::broker::room_for_records;
use partitioning::{Context, Offsets, Partitions, Service, TopicPartition};
use replication::api::{FollowerFetchRequest, FollowerFetchResponse};
use replication::followers::{Answers, Followers};
use replication::replica::ServedFound;
use segment_log::{Fold, Offset};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::api::Waiting;

/// What a broker bears of questions that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitLimits {
    /// The longest wait, whatever is asked for. (Kafka has no such bound.)
    pub max_wait: Duration,
}

impl Default for WaitLimits {
    fn default() -> Self {
        WaitLimits { max_wait: Duration::from_secs(60) }
    }
}

/// Answers a consumer.
pub async fn fetch(
    service: &Service,
    request: Waiting<FetchRequest>,
    limits: WaitLimits,
    context: &Context,
    max_answer: usize,
) -> FetchResponse {
    let deadline = deadline(&request, limits);
    let Waiting { min_bytes, question: mut request, .. } = request;
    let most = room_for_records(&request, max_answer.min(context.share()));
    request.max_bytes = request.max_bytes.min(most);
    let min_bytes = min_bytes.min(request.max_bytes) as usize;
    let asked = request.partitions.iter().map(|asked| (asked.at.clone(), asked.offset)).collect::<Vec<_>>();
    let mut watched = Watched::of(&**service.partitions(), &asked, |now| now.high_watermark);
    loop {
        watched.mark();
        let reads = service.fetch(&request).await;
        let bytes: usize = reads.iter().flat_map(|(_, read)| read).map(|read| read.slice.len()).sum();
        let has_refused = reads.iter().any(|(_, read)| read.is_err());
        if bytes >= min_bytes || has_refused || !watched.wait(deadline, context).await {
            context.reserve(bytes).await;
            return service.read_bytes(reads).await;
        }
    }
}

/// Answers a follower.
pub async fn follow<F: Fold>(
    followers: &Followers<F>,
    request: Waiting<FollowerFetchRequest>,
    limits: WaitLimits,
    context: &Context,
) -> FollowerFetchResponse {
    let deadline = deadline(&request, limits);
    let Waiting { min_bytes, question: request, .. } = request;
    let min_bytes = min_bytes.min(request.max_bytes) as usize;
    let asked = request.partitions.iter().map(|asked| (asked.at.clone(), asked.offset)).collect::<Vec<_>>();
    let mut watched = Watched::of(&**followers.manager(), &asked, |now| now.end);
    let mut is_new = true;
    loop {
        watched.mark();
        let found = followers.find(&request, context, is_new).await;
        is_new = false;
        if is_enough(&found, min_bytes) || !watched.wait(deadline, context).await {
            return followers.answer(found, context).await;
        }
    }
}

/// Whether there is something to tell a follower at once: enough records, a refusal, a place to cut at.
fn is_enough(found: &Answers, min_bytes: usize) -> bool {
    let mut bytes = 0;
    for (_, served) in found {
        match served.as_ref().map(|served| &served.found) {
            Ok(ServedFound::Records(slice)) => bytes += slice.len(),
            _ => return true,
        }
    }
    bytes >= min_bytes
}

fn deadline<T>(request: &Waiting<T>, limits: WaitLimits) -> Instant {
    Instant::now() + Duration::from_millis(request.max_wait_ms.into()).min(limits.max_wait)
}

/// The partitions that somebody waits for.
struct Watched {
    partitions: Vec<WatchedOne>,
    /// Up to where there is something for who asks.
    reaches: fn(&Offsets) -> Offset,
    /// It is looked at once and not waited for. There will be no more news of one of them, which was closed or deleted, and
    /// another of its name may be here by now. Or one is named twice: a question that is looked at again and again names it once.
    looks_once: bool,
}

struct WatchedOne {
    news: watch::Receiver<Offsets>,
    /// In which it was looked at last.
    epoch: i32,
    /// Where the question begins.
    asked: Offset,
    /// Up to where there was something when it was looked at last, or where the question begins.
    seen: Offset,
}

impl WatchedOne {
    /// Waits until there is more, or another epoch, or will be no more news.
    async fn news(&mut self, reaches: fn(&Offsets) -> Offset) {
        let WatchedOne { news, epoch, seen, .. } = self;
        // That there will be no more news is news as well.
        let _ = news.wait_for(|now| now.leader_epoch != *epoch || reaches(now) > *seen).await;
    }
}

impl Watched {
    /// Those that are led here. The others are refused, and nobody waits.
    fn of(partitions: &dyn Partitions, asked: &[(TopicPartition, Offset)], reaches: fn(&Offsets) -> Offset) -> Self {
        let watch = |(at, offset): &(TopicPartition, Offset)| {
            let news = partitions.find(at).ok()?.watch();
            let epoch = news.borrow().leader_epoch;
            Some(WatchedOne { news, epoch, asked: *offset, seen: *offset })
        };
        let names: BTreeSet<_> = asked.iter().map(|(at, _)| at).collect();
        let looks_once = names.len() < asked.len();
        let partitions = if looks_once { Vec::new() } else { asked.iter().filter_map(watch).collect() };
        Watched { partitions, reaches, looks_once }
    }

    /// Remembers what there is. To be called *before* it is looked at: what comes in between is then news.
    fn mark(&mut self) {
        for one in &mut self.partitions {
            self.looks_once |= one.news.has_changed().is_err();
            let now = *one.news.borrow_and_update();
            // A broker can lead again in a later epoch. That is news once.
            one.epoch = now.leader_epoch;
            one.seen = one.asked.max((self.reaches)(&now));
        }
    }

    /// Waits until one of them may have more for who asks than before, or is led in another epoch, or not here any more. Gives
    /// whether it is worth looking again: not if the time is over, or the broker stops, or one was gone already when it was looked.
    async fn wait(&mut self, deadline: Instant, context: &Context) -> bool {
        if self.looks_once {
            return false;
        }
        let news = timeout_at(deadline, self.news());
        tokio::select! {
            biased;
            news = news => news.is_ok(),
            () = context.stopping() => false,
        }
    }

    async fn news(&mut self) {
        let reaches = self.reaches;
        let mut waits: Vec<_> = self.partitions.iter_mut().map(|one| Box::pin(one.news(reaches))).collect();
        poll_fn(|context| {
            let is_over = waits.iter_mut().any(|wait| wait.as_mut().poll(context).is_ready());
            if is_over { Poll::Ready(()) } else { Poll::Pending }
        })
        .await
    }
}
