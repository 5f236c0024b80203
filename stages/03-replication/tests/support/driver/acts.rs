//! Commands about topics and leaders, and the passing of time.

use std::collections::BTreeMap;
use std::time::Duration;

use partitioning::TopicPartition;
use partitioning::api::{
    Api, CreatePartitions, CreatePartitionsRequest, CreateTopic, DeleteTopic, DeleteTopicRequest, NewTopic,
};
use replication::api::{
    AlterPartitionReassignments, ElectLeaders, ElectLeadersRequest, ElectionType, ReassignRequest, ReplicaRole,
};
use replication::records::PartitionRecord;
use story::Args;

use super::text::{Millis, list};
use super::{Answer, Driver, World};

impl Driver {
    /// `topic orders partitions=1 replicas=3 min.insync.replicas=2`.
    pub(super) fn topic(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("name")?;
        let (partitions, replication_factor) = (args.key("partitions")?, args.key("replicas")?);
        let configs: BTreeMap<_, _> =
            args.pairs()?.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        args.done()?;
        let new = NewTopic { name: name.as_str().into(), partitions, replication_factor, configs };
        let made = self.ask::<CreateTopic>(new)?;
        self.heard_by_all(|state| state.topic(&name).is_some_and(|topic| topic.id == made.id))?;
        let leader = |(number, partition): (usize, &partitioning::api::PartitionInfo)| {
            let leader = partition.leader.map_or_else(|| "nobody".to_owned(), |leader| format!("broker {leader}"));
            format!("{name}-{number}: {leader} leads, replicas {}", list(&partition.replicas))
        };
        Ok(made.partitions.iter().enumerate().map(leader).collect::<Vec<_>>().join("\n"))
    }

    /// `delete orders`.
    pub(super) fn delete(&mut self, mut args: Args<'_>) -> Answer {
        let name: String = args.value("name")?;
        args.done()?;
        self.ask::<DeleteTopic>(DeleteTopicRequest { name: name.as_str().into() })?;
        self.heard_by_all(|state| state.topic(&name).is_none())?;
        Ok(String::new())
    }

    /// `grow orders to=3`.
    pub(super) fn grow(&mut self, mut args: Args<'_>) -> Answer {
        let (name, count): (String, Option<u32>) = (args.value("name")?, args.key("to")?);
        args.done()?;
        let count = count.ok_or("`grow` needs to=")?;
        self.ask::<CreatePartitions>(CreatePartitionsRequest { name: name.as_str().into(), count })?;
        self.heard_by_all(|state| state.topic(&name).is_some_and(|topic| topic.partitions == count))?;
        Ok(String::new())
    }

    /// `elect orders-0 preferred`, `elect orders-0 unclean`.
    pub(super) fn elect(&mut self, mut args: Args<'_>) -> Answer {
        let (at, kind): (String, String) = (args.value("partition")?, args.value("kind")?);
        args.done()?;
        let election = match kind.as_str() {
            "preferred" => ElectionType::Preferred,
            "unclean" => ElectionType::Unclean,
            _ => return Err("an election is preferred or unclean".into()),
        };
        let at = partition(&at)?;
        let answer = self.ask::<ElectLeaders>(ElectLeadersRequest { election, partitions: vec![at] })?;
        let (at, record) = answer.partitions.into_iter().next().ok_or("no answer")?;
        self.known_by_leader(&at, &record?)
    }

    /// `reassign orders-0 to=2,3,1`.
    pub(super) fn reassign(&mut self, mut args: Args<'_>) -> Answer {
        let (at, to): (String, Option<String>) = (args.value("partition")?, args.key("to")?);
        args.done()?;
        let to = to.ok_or("`reassign` needs to=")?;
        let target = match to.as_str() {
            "cancel" => None,
            ids => Some(ids.split(',').map(str::parse).collect::<Result<Vec<i32>, _>>()?),
        };
        let answer =
            self.ask::<AlterPartitionReassignments>(ReassignRequest { partitions: vec![(partition(&at)?, target)] })?;
        let (at, record) = answer.partitions.into_iter().next().ok_or("no answer")?;
        let record = record?;
        self.heard_by_all(|state| {
            state.partition(&at).is_some_and(|known| known.partition_epoch >= record.partition_epoch)
        })?;
        Ok(format!(
            "replicas {}, adding {}, removing {}",
            list(&record.replicas),
            list(&record.adding),
            list(&record.removing)
        ))
    }

    /// `wait 5s`.
    pub(super) fn wait(&mut self, mut args: Args<'_>) -> Answer {
        let Millis(time) = args.value("time")?;
        args.done()?;
        self.world()?.wait(Duration::from_millis(time.try_into()?))?;
        Ok(String::new())
    }

    /// `fetch broker=2`: broker 2 asks each of its leaders once.
    pub(super) fn fetch(&mut self, mut args: Args<'_>) -> Answer {
        let broker: Option<i32> = args.key("broker")?;
        args.done()?;
        let broker = broker.ok_or("`fetch` needs broker=")?;
        let world = self.world()?;
        let turns = world.machine(&format!("broker-{broker}"))?.inside().turns.clone();
        let turns = turns.ok_or("brokers fetch by themselves: say `cluster fetch=by-hand`")?;
        let (before, patience) = (turns.taken(), world.elapsed() + Duration::from_secs(5));
        turns.give();
        let asked = world.until(|world| match turns.taken() > before {
            true => Some(true),
            // It may have begun to follow just now. But it is not waited for to do so for ever.
            false => (world.elapsed() > patience && !follows_somebody(world, broker)).then_some(false),
        })?;
        if asked != Some(true) {
            return Err("it does not run, or follows nobody".into());
        }
        // Then a moment more, for what came to be copied and for the controller to hear of it.
        world.wait(Duration::from_millis(60))?;
        Ok(world.messages().lines())
    }

    fn known_by_leader(&mut self, at: &TopicPartition, record: &PartitionRecord) -> Answer {
        let epoch = record.leader_epoch;
        self.world()?.until(|world| {
            let knows = |machine: &super::machine::Machine| {
                let inside = machine.inside();
                let image = inside.running.as_ref()?.image.as_ref()?.borrow().clone();
                (image.state.partition(at)?.leader_epoch >= epoch).then_some(())
            };
            let leader = record.leader?;
            world.brokers().find(|(id, _)| *id == leader).and_then(|(_, machine)| knows(machine))
        })?;
        let leader = record.leader.map_or_else(|| "nobody".to_owned(), |leader| format!("broker {leader}"));
        Ok(format!("{leader} leads in epoch {epoch}, in sync {}", list(&record.in_sync)))
    }

    /// Asks any broker.
    pub(super) fn ask<A: Api>(&mut self, request: A::Request) -> Result<A::Response, Box<dyn std::error::Error>> {
        let cluster = self.client()?;
        let answer = self.world()?.run(async move { cluster.call::<A>(request).await })?;
        Ok(answer?)
    }

    /// Waits until all brokers that run and hear the controller know it too: a story tells what comes next, not who was
    /// first to hear.
    fn heard_by_all(
        &mut self,
        is_known: impl Fn(&replication::state::ClusterState) -> bool,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let world = self.world()?;
        let deaf: Vec<_> = world.cuts.iter().map(|(_, to)| to.clone()).collect();
        let heard = world.until(|world| {
            let knows = |id: i32, machine: &super::machine::Machine| {
                let inside = machine.inside();
                let Some(running) = &inside.running else { return true };
                let image = running.image.as_ref().expect("a broker has one").borrow().clone();
                deaf.contains(&format!("broker-{id}")) || is_known(&image.state)
            };
            world.brokers().all(|(id, machine)| knows(id, machine)).then_some(())
        })?;
        heard.ok_or_else(|| "not all brokers have heard of it".into())
    }
}

fn follows_somebody(world: &World, broker: i32) -> bool {
    let Ok(machine) = world.machine(&format!("broker-{broker}")) else { return false };
    let look = machine.inside().running.as_ref().and_then(|running| running.look.clone());
    let replicas = look.map(|look| look.states()).unwrap_or_default();
    replicas.iter().any(|(_, state)| matches!(state.role, ReplicaRole::Follower(_)))
}

pub(super) fn partition(text: &str) -> Result<TopicPartition, Box<dyn std::error::Error>> {
    let (topic, number) = text.rsplit_once('-').ok_or("a partition is topic-number")?;
    Ok(TopicPartition::new(topic, number.parse()?))
}
