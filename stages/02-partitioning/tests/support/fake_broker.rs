//! Brokers that a test plays itself: it sees each request to produce as it arrives, and answers when and how it likes.
//!
//! Everything else is real: frames, connections, clients. Questions about topics are answered from a list that the test
//! keeps. As a real broker does, a fake one sends the answers of a connection in the order of the requests; unlike a real
//! one it shows all requests before the first is answered.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partitioning::api::{
    Api, BrokerInfo, Metadata, MetadataRequest, MetadataResponse, PartitionInfo, Produce, ProduceRequest,
    ProduceResponse, Produced, TopicId, TopicInfo, TopicPartition,
};
use partitioning::memory::Memory;
use partitioning::wire::{self, Answer, FrameReader, ReadLimits, RequestHeader};
use partitioning::{ErrorCode, Refusal};
use segment_log::{BatchView, Record};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};

use crate::cables::{Cables, Socket};

/// The first broker's address.
pub(crate) const FIRST: &str = "broker-1:9092";

/// Fake brokers 1 and on.
pub(crate) struct Fakes {
    pub(crate) net: Cables,
    /// What the brokers say of topics.
    pub(crate) told: Arc<Mutex<Told>>,
    arrivals: mpsc::UnboundedReceiver<Asked>,
    arrived: mpsc::UnboundedSender<Asked>,
    brokers: BTreeMap<i32, AbortHandle>,
    tasks: JoinSet<()>,
    read: Read,
}

/// How a request to produce is read: what is in it, and what else it says.
pub(crate) type Read = fn(&RequestHeader, &[u8]) -> (ProduceRequest, String);

/// What the brokers say of topics.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) topics: BTreeMap<String, TopicInfo>,
    /// How often somebody asked.
    pub(crate) times: usize,
    /// Whether questions stay without an answer.
    pub(crate) is_silent: bool,
}

/// A request to produce that has arrived.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) broker: i32,
    pub(crate) request: ProduceRequest,
    /// What else it says, if it is of a later stage's version.
    pub(crate) said: String,
    answer: oneshot::Sender<Answer<ProduceResponse>>,
}

impl Fakes {
    /// So many brokers, and no topics.
    pub(crate) fn new(brokers: i32) -> Self {
        Self::that_read(brokers, |_, body| (wire::decode_body(body).expect("a request"), String::new()))
    }

    /// The same, for requests to produce of another version.
    pub(crate) fn that_read(brokers: i32, read: Read) -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let (net, told, tasks) = (Cables::default(), Arc::default(), JoinSet::new());
        let mut fakes = Fakes { net, told, arrivals, arrived, brokers: BTreeMap::new(), tasks, read };
        (1..=brokers).for_each(|broker| fakes.start(broker));
        fakes
    }

    /// Lets a broker run that does not.
    pub(crate) fn start(&mut self, broker: i32) {
        let socket = self.net.take(&address(broker));
        let desk = Desk { broker, told: self.told.clone(), arrived: self.arrived.clone(), read: self.read };
        let running = serve(socket, desk);
        self.brokers.insert(broker, self.tasks.spawn(running));
    }

    /// Kills a broker: its connections end, and nobody listens where it was.
    pub(crate) async fn kill(&mut self, broker: i32) {
        self.brokers.remove(&broker).expect("a broker that runs").abort();
        self.tasks.join_next().await;
    }

    /// Tells of a topic with a partition for each of these leaders.
    pub(crate) fn topic(&self, name: &str, leaders: &[i32]) {
        let led: Vec<Option<i32>> = leaders.iter().map(|&leader| Some(leader)).collect();
        self.topic_with(name, TopicId(1), &led);
    }

    /// The same with this id, and partitions that may have no leader.
    pub(crate) fn topic_with(&self, name: &str, id: TopicId, leaders: &[Option<i32>]) {
        let partition = |&leader| PartitionInfo { leader, leader_epoch: 0, replicas: vec![], in_sync: vec![] };
        let partitions = leaders.iter().map(partition).collect();
        let info = TopicInfo { id, partitions, configs: BTreeMap::new() };
        self.told.lock().unwrap().topics.insert(name.to_owned(), info);
    }

    /// How often somebody asked about topics.
    pub(crate) fn times_told(&self) -> usize {
        self.told.lock().unwrap().times
    }

    /// The next request that arrives. It must come within a day.
    pub(crate) async fn next(&mut self) -> Asked {
        self.within(86_400_000).await.expect("a request arrives within a day")
    }

    /// The next request that arrives within so many milliseconds.
    pub(crate) async fn within(&mut self, millis: u64) -> Option<Asked> {
        let arrived = tokio::time::timeout(Duration::from_millis(millis), self.arrivals.recv()).await;
        arrived.ok().map(|asked| asked.expect("the brokers run for as long as this"))
    }

    /// Takes all requests that have arrived, and all that come for as long as this is waited for, into the log.
    pub(crate) async fn accept_all(&mut self) {
        let mut ends = BTreeMap::new();
        loop {
            let asked = self.arrivals.recv().await;
            asked.expect("the brokers run for as long as this").append(&mut ends);
        }
    }
}

pub(crate) fn address(broker: i32) -> String {
    format!("broker-{broker}:9092")
}

impl Asked {
    /// Which partitions are asked to take a batch.
    pub(crate) fn partitions(&self) -> Vec<u32> {
        self.request.partitions.iter().map(|one| one.at.partition).collect()
    }

    /// The records for each partition.
    pub(crate) fn records(&self) -> BTreeMap<TopicPartition, Vec<Record>> {
        let opened = |bytes: &[u8]| {
            let batch = BatchView::parse(bytes).expect("a batch");
            let records = batch.records(1 << 30).expect("it opens");
            records.iter().map(|record| record.expect("it reads").to_record()).collect()
        };
        self.request.partitions.iter().map(|one| (one.at.clone(), opened(&one.records.0))).collect()
    }

    /// The records' values as text, those of one partition behind those of another.
    pub(crate) fn values(&self) -> Vec<String> {
        let records = self.records().into_values().flatten();
        records.map(|record| String::from_utf8(record.value.unwrap_or_default().to_vec()).expect("text")).collect()
    }

    /// Says that all batches are in the log, each from this offset on.
    pub(crate) fn accept(self, base_offset: i64) {
        self.reply(|_| Ok(Produced { base_offset, log_append_time: None, log_start: 0 }));
    }

    /// Says that all batches are in the log, each behind what its partition has.
    pub(crate) fn append(self, ends: &mut BTreeMap<TopicPartition, i64>) {
        let counts: BTreeMap<_, _> = self.records().into_iter().map(|(at, records)| (at, records.len())).collect();
        self.reply(|at| {
            let end = ends.entry(at.clone()).or_default();
            let base_offset = *end;
            *end += counts[at] as i64;
            Ok(Produced { base_offset, log_append_time: None, log_start: 0 })
        });
    }

    /// Refuses all batches.
    pub(crate) fn refuse(self, code: ErrorCode) {
        self.reply(|at| Err(code.because(format!("{at} is refused by the test"))));
    }

    /// Says of each partition what `outcome` says.
    pub(crate) fn reply(self, mut outcome: impl FnMut(&TopicPartition) -> Result<Produced, Refusal>) {
        let partitions = self.request.partitions.iter().map(|one| (one.at.clone(), outcome(&one.at))).collect();
        self.answer(Ok(ProduceResponse { partitions }));
    }

    /// Says this.
    pub(crate) fn answer(self, answer: Answer<ProduceResponse>) {
        // The connection may have ended.
        let _ = self.answer.send(answer);
    }

    /// Ends the connection.
    pub(crate) fn hang_up(self) {
        drop(self.answer);
    }
}

/// What a broker needs to serve.
#[derive(Clone)]
struct Desk {
    broker: i32,
    told: Arc<Mutex<Told>>,
    arrived: mpsc::UnboundedSender<Asked>,
    read: Read,
}

/// Serves all who connect.
async fn serve(mut socket: Socket, desk: Desk) {
    let mut connections = JoinSet::new();
    loop {
        let cable = socket.next().await;
        connections.spawn(connection(cable, desk.clone()));
    }
}

/// What will be the frame of an answer.
type Framing = JoinSet<Option<Vec<u8>>>;

/// Serves one connection until an answer is dropped or the other side goes.
async fn connection(cable: DuplexStream, desk: Desk) {
    let (read, mut write) = tokio::io::split(cable);
    let forever = Duration::from_secs(u64::from(u32::MAX));
    let limits = ReadLimits {
        max_frame: 1 << 30,
        idle: forever,
        frame: forever,
        room: forever,
        memory: Memory::new(usize::MAX),
    };
    let (queue, mut answers) = mpsc::unbounded_channel::<Framing>();
    let reading = async move {
        let mut reader = FrameReader::new(read, limits);
        while let Ok(Some(frame)) = reader.next().await {
            let (header, body) = wire::split_request(&frame.bytes).expect("a request");
            let mut framing = Framing::new();
            desk.begin(&header, body, &mut framing);
            queue.send(framing).expect("the other half lives as long");
        }
    };
    let writing = async move {
        while let Some(mut framing) = answers.recv().await {
            match framing.join_next().await.expect("one for each request").expect("it does not panic") {
                Some(frame) if write.write_all(&frame).await.is_ok() => {}
                _ => return,
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}

impl Desk {
    /// Lets the answer to a request be made.
    fn begin(&self, header: &RequestHeader, body: &[u8], framing: &mut Framing) {
        let correlation = header.correlation;
        match header.api {
            Metadata::KEY => {
                let request: MetadataRequest = wire::decode_body(body).expect("a request");
                let mut told = self.told.lock().unwrap();
                told.times += 1;
                let answer = Ok(describe(&told, &request));
                let is_silent = told.is_silent;
                framing.spawn(async move {
                    if is_silent {
                        std::future::pending::<()>().await;
                    }
                    wire::answer_frame::<MetadataResponse>(correlation, &answer, usize::MAX).ok()
                });
            }
            Produce::KEY => {
                let (answer, answered) = oneshot::channel();
                let (request, said) = (self.read)(header, body);
                // Nobody may look any more.
                let _ = self.arrived.send(Asked { broker: self.broker, request, said, answer });
                framing.spawn(async move {
                    let answer: Answer<ProduceResponse> = answered.await.ok()?;
                    wire::answer_frame(correlation, &answer, usize::MAX).ok()
                });
            }
            other => panic!("a fake broker does not answer API {other}"),
        }
    }
}

fn describe(told: &Told, request: &MetadataRequest) -> MetadataResponse {
    let names = request.topics.clone().unwrap_or_default();
    let unknown = |name: &str| ErrorCode::UnknownTopicOrPartition.because(format!("there is no topic {name}"));
    let topic = |name: String| {
        let info = told.topics.get(&name).cloned().ok_or_else(|| unknown(&name));
        (name, info)
    };
    let brokers = (1..=9).map(|id| BrokerInfo { id, address: address(id) }).collect();
    MetadataResponse { brokers, topics: names.into_iter().map(topic).collect() }
}
