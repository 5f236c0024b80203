//! What is asked of the cluster as a client asks it: over the network, with a connection for each question.

use std::ops::ControlFlow;
use std::time::Duration;

use partitioning::api::{CreateTopic, NewTopic};
use partitioning::cli::consume::{Wanted, read};
use partitioning::cli::failure::harmless;
use partitioning::cli::{Program, counted, topics};
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};
use partitioning::{ClientConfig, Cluster, Host, TopicPartition};
use segment_log::anatomy::quoted;
use tokio::time::timeout;

use super::super::report::Decision;
use super::members::{Life, Members, Name};
use super::rest::have_heard;
use super::supervisor::{Said, Supervisor};
use crate::api::{AlterPartitionReassignments, ElectLeaders, ElectLeadersRequest, ElectionType, ReassignRequest};
use crate::cli::reassign;
use crate::records::PartitionRecord;

/// How long a client waits for an answer, or a connection. Short, as somebody sits there.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// The most records that are shown.
const MOST: u64 = 1000;

impl Supervisor {
    /// Makes a topic.
    pub(super) async fn topic(&self, program: &Program, new: NewTopic) -> Said {
        let name = new.name.clone();
        let made = self.client(program, None)?.call::<CreateTopic>(new).await.map_err(in_words)?;
        let count = made.partitions.len();
        let is_there = move |members: &Members| {
            members.controller.as_ref().is_some_and(|controller| {
                controller.partitions.iter().filter(|(at, _)| at.topic == name).count() >= count
            })
        };
        let known = self.heard(is_there).await;
        Ok(format!("made the topic: {}{known}", topics::size(&made)))
    }

    /// Sends a record.
    pub(super) async fn produce(&self, program: &Program, at: Option<i32>, topic: &str, text: &str) -> Said {
        let cluster = self.client(program, at)?;
        // A producer waits for a topic that is not there. Whoever has mistyped its name wants to know now.
        cluster.topic(topic).await.map_err(in_words)?;
        let sending = self.clients.sending.clone();
        let config =
            ProducerConfig { linger: Duration::ZERO, max_block: PATIENCE, sending, ..ProducerConfig::default() };
        let producer = Producer::new(cluster, config).map_err(in_words)?;
        let record = ProducerRecord::new(topic, None, text.to_owned());
        let stored = timeout(2 * PATIENCE, async { producer.send(record).await?.await }).await;
        match stored {
            Ok(stored) => {
                let stored = stored.map_err(in_words)?;
                Ok(format!("{}@{} acknowledged", stored.at, stored.offset))
            }
            Err(_) => Err(format!("not acknowledged within {} s", 2 * PATIENCE.as_secs())),
        }
    }

    /// Reads what is committed now.
    pub(super) async fn consume(&self, program: &Program, at: Option<i32>, topic: &str) -> Said {
        let cluster = self.client(program, at)?;
        let mut wanted = Wanted { max: Some(MOST), ..Wanted::all_of(topic) };
        wanted.config.fetching = self.clients.fetching.clone();
        let mut lines = Vec::new();
        let reading = read(cluster, &wanted, |records| {
            let line = |record: &partitioning::ConsumerRecord| {
                format!("{}@{} {}", record.at, record.offset, quoted(record.value.as_deref()))
            };
            lines.extend(records.iter().map(line));
            Ok(ControlFlow::Continue(()))
        });
        let read = timeout(2 * PATIENCE, reading).await;
        match read {
            Ok(Ok(())) if lines.is_empty() => Ok("no records".to_owned()),
            Ok(Ok(())) => Ok(lines.join("\n")),
            Ok(Err(failure)) => Err(harmless(&failure.line())),
            Err(_) => {
                let came = counted(lines.len() as u64, "record");
                Err(format!("{came} came within {} s, and not all that there are", 2 * PATIENCE.as_secs()))
            }
        }
    }

    /// Has another leader elected.
    pub(super) async fn elect(&self, program: &Program, at: TopicPartition, unclean: bool) -> Said {
        let election = if unclean { ElectionType::Unclean } else { ElectionType::Preferred };
        let request = ElectLeadersRequest { election, partitions: vec![at.clone()] };
        let answer = self.client(program, None)?.call::<ElectLeaders>(request).await.map_err(in_words)?;
        let record = first(answer.partitions)?;
        let known = self.heard(decided(at, &record)).await;
        match record.leader {
            Some(leader) => Ok(format!("broker {leader} leads in epoch {}{known}", record.leader_epoch)),
            None => Ok(format!("nobody leads in epoch {}{known}", record.leader_epoch)),
        }
    }

    /// Moves a partition to other brokers.
    pub(super) async fn reassign(&self, program: &Program, at: TopicPartition, to: Vec<i32>) -> Said {
        let request = ReassignRequest { partitions: vec![(at.clone(), Some(to))] };
        let client = self.client(program, None)?;
        let answer = client.call::<AlterPartitionReassignments>(request).await.map_err(in_words)?;
        let record = first(answer.partitions)?;
        let known = self.heard(decided(at, &record)).await;
        Ok(format!("{}{known}", reassign::in_words(&record)))
    }

    /// A client that knows this broker, or all that can be reached.
    fn client(&self, program: &Program, at: Option<i32>) -> Result<Cluster, String> {
        let members = self.members.borrow().clone();
        let address = |id: i32| members.processes.get(&Name::Broker(id)).and_then(|process| process.address.clone());
        let bootstrap: Vec<String> = match at {
            Some(id) => vec![address(id).ok_or_else(|| format!("there is no broker {id}, or it never ran"))?],
            None => {
                let runs = |id: &i32| members.processes[&Name::Broker(*id)].life == Life::Running;
                let reachable: Vec<_> = members.reachable().filter_map(address).collect();
                match reachable.is_empty() {
                    true => members.brokers().filter(runs).filter_map(address).collect(),
                    false => reachable,
                }
            }
        };
        if bootstrap.is_empty() {
            return Err("no broker runs that could be asked".to_owned());
        }
        let config = ClientConfig {
            bootstrap,
            client_id: program.name.into(),
            request_timeout: PATIENCE,
            connect_timeout: PATIENCE,
            ..ClientConfig::new("")
        };
        Cluster::new(Host::real(), config).map_err(in_words)
    }

    /// Waits until a decision can be seen, and all brokers that can be reached have heard of it: whoever goes on from there finds
    /// it so. Says if they have not.
    async fn heard(&self, is_seen: impl Fn(&Members) -> bool) -> &'static str {
        match self.until(PATIENCE, |members| is_seen(members) && have_heard(members)).await {
            true => "",
            false => " (not all brokers have heard of it yet)",
        }
    }
}

/// Whether the controller's report holds what was answered, or something newer.
fn decided(at: TopicPartition, record: &PartitionRecord) -> impl Fn(&Members) -> bool + use<> {
    let epoch = record.partition_epoch;
    let is_newer = move |(of, decision): &(TopicPartition, Decision)| *of == at && decision.partition_epoch >= epoch;
    move |members| members.controller.as_ref().is_some_and(|controller| controller.partitions.iter().any(&is_newer))
}

fn first<T>(answers: Vec<(TopicPartition, Result<T, partitioning::Refusal>)>) -> Result<T, String> {
    match answers.into_iter().next() {
        Some((_, answer)) => answer.map_err(in_words),
        None => Err("the answer says nothing of the partition".to_owned()),
    }
}

/// What went wrong. Parts of it are a broker's words.
fn in_words(error: impl Into<partitioning::Error>) -> String {
    harmless(&error.into().to_string())
}
