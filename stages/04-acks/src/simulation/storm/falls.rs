//! Faults of machines.

use std::time::Duration;

use super::super::faults::Fault;
use super::super::machine::name;
use super::super::network::Trouble;
use super::super::promise::Loses;
use super::super::world::World;
use super::{GoingOn, Storm};

impl Storm {
    /// Brokers fall, if the promise allows it.
    pub(super) fn fall(&mut self, fault: Fault, world: &mut World) -> Option<String> {
        let mut brokers = self.draw.shuffled(self.up(world));
        let count = if fault == Fault::PowerOfSeveral { self.draw.from_to(2, 3) as usize } else { 1 };
        brokers.truncate(count);
        let loses = match fault {
            Fault::Kill | Fault::RestartWhileFenced => Loses::Process,
            Fault::DiskLost => Loses::Disk,
            _ => Loses::Power,
        };
        let is_possible = !brokers.is_empty() && brokers.len() == count;
        if !is_possible || !self.fell(&brokers, loses, world) {
            return None;
        }
        if fault == Fault::RestartWhileFenced {
            let epoch = world.state().broker(brokers[0]).map_or(-1, |broker| broker.epoch);
            let until = world.now() + world.settings().session * 6;
            self.going_on.push(GoingOn::Again { broker: brokers[0], epoch, until });
        }
        Some(brokers.iter().map(|id| name(*id)).collect::<Vec<_>>().join(", "))
    }

    pub(super) fn controller_falls(&mut self, fault: Fault, world: &mut World) -> Option<String> {
        let host = "controller";
        world.machine(host).inside().running()?;
        let loses = if fault == Fault::KillController { Loses::Process } else { Loses::Power };
        self.lose(host, loses, world);
        Some(self.starts_again(host, world))
    }

    pub(super) fn clients_fall(&mut self, fault: Fault, world: &mut World) -> Option<String> {
        let host = self.draw.one_of(&world.client_hosts());
        let is_down = self.going_on.iter().any(|one| matches!(one, GoingOn::Down { host: down, .. } if *down == host));
        if is_down {
            return None;
        }
        if fault == Fault::ClientRestart {
            world.nudge(&host);
            return Some(host);
        }
        world.sim.crash(host.as_str());
        let when = self.starts_again(&host, world);
        Some(format!("{host}, {when}"))
    }

    /// A process stands still.
    pub(super) fn pause(&mut self, world: &mut World) -> Option<String> {
        let host = self.draw.one_of(&world.cluster_hosts());
        if !world.machine(&host).inside().stand_still() {
            return None;
        }
        let until = world.now() + self.long(world);
        self.going_on.push(GoingOn::Still { host: host.clone(), until });
        Some(format!("{host} stands still for {} ms", (until - world.now()).as_millis()))
    }

    /// A broker is asked to stop.
    pub(super) fn stop(&mut self, world: &mut World) -> Option<String> {
        let up = self.up(world);
        let broker = (!up.is_empty()).then(|| self.draw.one_of(&up))?;
        let host = name(broker);
        world.machine(&host).inside().running()?.stop.cancel();
        let rest = self.long(world);
        self.going_on.push(GoingOn::Stops { host: host.clone(), rest });
        Some(host)
    }

    pub(super) fn wait_for_ack(&mut self, world: &mut World) -> Option<String> {
        // What was acknowledged before does not count.
        world.acked();
        let until = world.now() + Duration::from_secs(2);
        self.going_on.push(GoingOn::Waits { until });
        Some("waits for one".to_owned())
    }

    /// Fells a broker again that has registered and is not a member yet. Gives whether there is nothing more to wait for.
    pub(super) fn again(&mut self, broker: i32, epoch: i64, world: &mut World) -> bool {
        let Some(known) = world.state().broker(broker).filter(|known| known.epoch != epoch) else { return false };
        if known.fenced && self.up(world).contains(&broker) && self.fell(&[broker], Loses::Process, world) {
            let what = format_args!("{} dies again, while it is fenced", name(broker));
            world.trace.note(world.now(), "fault", what);
        }
        true
    }

    /// Fells the leader of a record that was just acknowledged. Gives whether there was one.
    pub(super) fn after_ack(&mut self, world: &mut World) -> bool {
        let acked = world.acked();
        if let Some(at) = &acked {
            self.leader_falls(at, world);
        }
        acked.is_some()
    }

    fn leader_falls(&mut self, at: &partitioning::TopicPartition, world: &mut World) {
        let leader = world.state().partition(at).and_then(|record| record.leader);
        let Some(leader) = leader.filter(|leader| self.up(world).contains(leader)) else { return };
        let loses = if self.draw.chance(50) { Loses::Process } else { Loses::Power };
        if self.fell(&[leader], loses, world) {
            self.count(Fault::KillAfterAck);
            let what = format_args!("{}: {} of {at}, {loses:?}", Fault::KillAfterAck, name(leader));
            world.trace.note(world.now(), "fault", what);
        }
    }

    /// Takes brokers down, if the promise allows it. Gives whether it does.
    fn fell(&mut self, brokers: &[i32], loses: Loses, world: &mut World) -> bool {
        // Whoever leads may have asked for a list that is not granted yet.
        let roles = world.roles(brokers);
        let state = world.state().clone();
        if !world.promise.allows(brokers, loses, &state, &roles) {
            return false;
        }
        world.promise.taken(brokers, loses, &state, &roles);
        drop(roles);
        for broker in brokers {
            let host = name(*broker);
            self.lose(&host, loses, world);
            self.starts_again(&host, world);
        }
        true
    }

    fn lose(&mut self, host: &str, loses: Loses, world: &mut World) {
        let host = host.to_owned();
        if loses == Loses::Process {
            world.sim.crash(host.as_str());
            return world.machine(&host).inside().process_died();
        }
        // A system closes the connections of a process that dies. A machine without power says nothing more.
        let mut others = world.cluster_hosts();
        others.extend(world.client_hosts());
        let silence = Trouble::between([&host], &others).collect();
        let silence = world.network.begin(&mut world.sim, silence);
        world.sim.crash(host.as_str());
        world.network.end(&mut world.sim, silence);
        let machine = world.machine(&host).clone();
        match loses {
            Loses::Disk => machine.inside().disk_lost(),
            _ => machine.inside().power_lost(&mut self.draw),
        }
    }

    fn starts_again(&mut self, host: &str, world: &World) -> String {
        let until = world.now() + self.long(world);
        self.going_on.push(GoingOn::Down { host: host.to_owned(), until });
        format!("starts again after {} ms", (until - world.now()).as_millis())
    }
}
