//! Faults of the network.

use std::time::Duration;

use super::super::faults::Fault;
use super::super::machine::name;
use super::super::network::Trouble;
use super::super::world::World;
use super::{GoingOn, Storm};

impl Storm {
    pub(super) fn cables(&mut self, fault: Fault, world: &mut World) -> Option<String> {
        let (troubles, what) = match fault {
            Fault::Partition => self.two_parts(world),
            Fault::OneWay => self.one_way(world),
            Fault::CutFromController => self.cut_from_controller(world),
            Fault::CutFromPeer => self.cut_from_peer(world),
            Fault::CutFromClients => self.cut_from_clients(world),
            Fault::ControllerCutOff => {
                let controller = "controller".to_owned();
                (Trouble::between([&controller], &world.cluster_hosts()).collect(), "from all brokers".to_owned())
            }
            Fault::Delay => self.delay(world),
            Fault::Loss => self.loss(world),
            _ => self.hold(world),
        };
        let until = world.now() + self.long(world);
        let id = world.network.begin(&mut world.sim, troubles);
        self.going_on.push(GoingOn::Cables { id, until });
        Some(format!("{what}, for {} ms", (until - world.now()).as_millis()))
    }

    /// Whoever waits for an answer over one of these connections gives up, makes another, and asks again.
    pub(super) fn old_connections(&mut self, world: &World) -> Option<String> {
        let host = self.draw.one_of(&world.cluster_hosts());
        let is_held = |one: &GoingOn| matches!(one, GoingOn::Held { host: other, .. } if *other == host);
        if self.going_on.iter().any(is_held) {
            return None;
        }
        world.machine(&host).inside().gate().hold();
        let until = world.now() + self.long(world);
        self.going_on.push(GoingOn::Held { host: host.clone(), until });
        Some(format!("those of {host}, for {} ms", (until - world.now()).as_millis()))
    }

    fn broker(&mut self, world: &World) -> i32 {
        self.draw.from_to(1, world.settings().brokers as u64) as i32
    }

    /// A machine of the cluster, and all others.
    fn one_and_others(&mut self, world: &World) -> (String, Vec<String>) {
        let hosts = world.cluster_hosts();
        let one = self.draw.one_of(&hosts);
        let others = hosts.into_iter().chain(world.client_hosts()).filter(|host| *host != one).collect();
        (one, others)
    }

    fn two_parts(&mut self, world: &World) -> (Vec<Trouble>, String) {
        let hosts = self.draw.shuffled(world.cluster_hosts());
        let (here, there) = hosts.split_at(self.draw.from_to(1, hosts.len() as u64 - 1) as usize);
        let (mut here, there) = (here.to_vec(), there.to_vec());
        if self.draw.chance(50) {
            here.push(self.draw.one_of(&world.client_hosts()));
        }
        (Trouble::between(&here, &there).collect(), format!("{} | {}", here.join(" "), there.join(" ")))
    }

    fn one_way(&mut self, world: &World) -> (Vec<Trouble>, String) {
        let (one, others) = self.one_and_others(world);
        let is_deaf = self.draw.chance(50);
        let cut = |other: &String| match is_deaf {
            true => Trouble::Cut(other.clone(), one.clone()),
            false => Trouble::Cut(one.clone(), other.clone()),
        };
        let what = if is_deaf { "hears nobody" } else { "is heard by nobody" };
        (others.iter().map(cut).collect(), format!("{one} {what}"))
    }

    fn cut_from_controller(&mut self, world: &World) -> (Vec<Trouble>, String) {
        let (broker, controller) = (name(self.broker(world)), "controller".to_owned());
        (Trouble::between([&broker], &[controller]).collect(), broker)
    }

    fn cut_from_peer(&mut self, world: &World) -> (Vec<Trouble>, String) {
        let mut brokers = self.draw.shuffled((1..=world.settings().brokers).map(name).collect());
        brokers.truncate(2);
        (Trouble::between([&brokers[0]], &brokers[1..]).collect(), brokers.join(" from "))
    }

    fn cut_from_clients(&mut self, world: &World) -> (Vec<Trouble>, String) {
        let broker = name(self.broker(world));
        (Trouble::between([&broker], &world.client_hosts()).collect(), broker)
    }

    fn delay(&mut self, world: &World) -> (Vec<Trouble>, String) {
        let (one, others) = self.one_and_others(world);
        let most = self.draw.time(Duration::from_millis(50), Duration::from_millis(1_500));
        let slow = others.iter().map(|other| Trouble::Slow(one.clone(), other.clone(), most));
        (slow.collect(), format!("{one}, up to {} ms", most.as_millis()))
    }

    fn loss(&mut self, world: &World) -> (Vec<Trouble>, String) {
        let (one, others) = self.one_and_others(world);
        let of_thousand = self.draw.one_of(&[2, 10, 50]);
        let lossy = others.iter().map(|other| Trouble::Lossy(one.clone(), other.clone(), of_thousand));
        (lossy.collect(), format!("{one}, {of_thousand} of a thousand"))
    }

    fn hold(&mut self, world: &World) -> (Vec<Trouble>, String) {
        let (one, others) = self.one_and_others(world);
        let held: Vec<_> = match self.draw.chance(50) {
            true => others,
            false => vec![self.draw.one_of(&others)],
        };
        let what = format!("between {one} and {}", held.join(" "));
        (held.into_iter().map(|other| Trouble::Held(one.clone(), other)).collect(), what)
    }
}
