//! The messages of followers and leaders: written down for the book's figures, and, where a story wants it, sent one at a time.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use partitioning::api::{FetchRequest, FetchResponse};
use partitioning::net::BoxFuture;
use partitioning::topics::name::is_internal;
use partitioning::{Client, Result, consumer};
use replication::api::{FetchFound, FollowerFetchRequest, FollowerFetchResponse, FollowerFetched};
use replication::fetching::{Fetching, Polling};
use segment_log::batches;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// What was said since the story looked last.
#[derive(Clone, Default)]
pub(crate) struct Messages(Arc<Mutex<Vec<Value>>>);

impl Messages {
    pub(super) fn forget(&self) {
        self.list().clear();
    }

    pub(super) fn all(&self) -> Vec<Value> {
        self.list().clone()
    }

    /// Writes one down. Gives its place; none if it is about nothing that a story looks at.
    fn note(&self, from: &str, to: &str, what: String) -> Option<usize> {
        if what.is_empty() {
            return None;
        }
        let at = turmoil::sim_elapsed().unwrap_or_default().as_millis() as u64;
        let mut list = self.list();
        list.push(json!({ "at": at, "from": from, "to": to, "what": what, "lost": false }));
        Some(list.len() - 1)
    }

    /// No answer came. Whether the question arrived nobody knows.
    fn lost(&self, place: Option<usize>) {
        let mut list = self.list();
        if let Some(message) = place.and_then(|place| list.get_mut(place)) {
            message["lost"] = json!(true);
        }
    }

    fn list(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().expect("nothing panics while it holds the messages")
    }
}

/// How a broker of a story fetches.
#[derive(Clone)]
pub(crate) struct Watched {
    pub(super) broker: i32,
    pub(super) messages: Messages,
    /// How often it may ask, if the story decides that.
    pub(super) turns: Option<Arc<Turns>>,
    /// The most bytes of decisions that it asks for.
    pub(super) decisions: u32,
}

/// Permission to ask, for one broker.
#[derive(Debug)]
pub(crate) struct Turns {
    given: Semaphore,
    taken: Mutex<usize>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Turns { given: Semaphore::new(0), taken: Mutex::new(0) }
    }

    /// Lets the broker ask its leaders once more.
    pub(super) fn give(&self) {
        self.given.add_permits(1);
    }

    /// How many times it has asked, and has its answer.
    pub(super) fn taken(&self) -> usize {
        *self.taken.lock().unwrap()
    }
}

impl Fetching for Watched {
    fn follow<'a>(
        &'a self,
        leader: &'a Client,
        request: FollowerFetchRequest,
    ) -> BoxFuture<'a, Result<FollowerFetchResponse>> {
        Box::pin(async move {
            if let Some(turns) = &self.turns {
                turns.given.acquire().await.expect("it is never closed").forget();
            }
            let (me, it) = (format!("broker {}", self.broker), name(leader.address()));
            let place = self.messages.note(&me, &it, question(&request));
            let asked = request.clone();
            let answer = Polling::default().follow(leader, request).await;
            match &answer {
                Ok(answer) => {
                    self.messages.note(&it, &me, told(&asked, answer));
                }
                Err(_) => self.messages.lost(place),
            }
            if let Some(turns) = &self.turns {
                *turns.taken.lock().unwrap() += 1;
            }
            answer
        })
    }
}

impl consumer::Fetching for Watched {
    fn fetch<'a>(&'a self, controller: &'a Client, request: FetchRequest) -> BoxFuture<'a, Result<FetchResponse>> {
        const POLLING: Polling = Polling { rest: Duration::from_millis(20) };
        let max_bytes = request.max_bytes.min(self.decisions);
        POLLING.fetch(controller, FetchRequest { max_bytes, ..request })
    }

    fn rest(&self) -> Duration {
        Polling::default().rest()
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watched(broker {})", self.broker)
    }
}

/// `broker-1:9092` is broker 1.
fn name(address: &str) -> String {
    address.split(':').next().unwrap_or(address).replace('-', " ")
}

/// Not about the cluster's own topics, here and in answers.
fn question(request: &FollowerFetchRequest) -> String {
    let one = |asked: &replication::api::FollowerFetchPartition| {
        let last = asked.last_epoch.map_or_else(String::new, |epoch| format!(", last epoch {epoch}"));
        format!("fetch {} from {}{last}", asked.at, asked.offset)
    };
    let asked = request.partitions.iter().filter(|asked| !is_internal(&asked.at.topic));
    asked.map(one).collect::<Vec<_>>().join("; ")
}

fn told(asked: &FollowerFetchRequest, answer: &FollowerFetchResponse) -> String {
    let one = |(asked, (at, answer)): (
        &replication::api::FollowerFetchPartition,
        &(_, std::result::Result<FollowerFetched, _>),
    )| {
        let partition: &partitioning::TopicPartition = at;
        match answer {
            Err(refusal) => {
                let refusal: &partitioning::Refusal = refusal;
                format!("{partition}: {}", refusal.code)
            }
            Ok(FollowerFetched { found, high_watermark, .. }) => {
                let found = match found {
                    FetchFound::Records(records) => match batches(&records.0).filter_map(|batch| batch.ok()).last() {
                        None => "nothing new".to_owned(),
                        Some(last) if last.last_offset() == asked.offset => format!("record {}", asked.offset),
                        Some(last) => format!("records {} to {}", asked.offset, last.last_offset()),
                    },
                    FetchFound::Diverging(at) => format!("we part: my epoch {} ends at {}", at.epoch, at.end),
                    FetchFound::OutOfRange { end } => format!("out of range: my log ends at {end}"),
                };
                format!("{partition}: {found}; high watermark {high_watermark}")
            }
        }
    };
    let both = asked.partitions.iter().zip(&answer.partitions).filter(|(asked, _)| !is_internal(&asked.at.topic));
    both.map(one).collect::<Vec<_>>().join("; ")
}

impl Messages {
    /// As a person reads them.
    pub(super) fn lines(&self) -> String {
        let line = |message: &Value| {
            let text = |key: &str| message[key].as_str().unwrap_or_default().to_owned();
            format!("{} -> {}: {}", text("from"), text("to"), text("what"))
        };
        self.list().iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
