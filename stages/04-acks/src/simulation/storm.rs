//! The storm: faults, one after the other and side by side, until it is over and all is healed.
//!
//! ```text
//!   time ─────────────────────────────────────────────────────────────▶
//!   partition      ├───────────┤
//!   broker-2           ├ killed ────────┤ starts again
//!   clock of 3              ├ an hour ahead ──┤
//!                                              ╰── all is healed; within half a minute all must be well
//! ```
//!
//! Which fault comes when, whom it hits and for how long, is the seed's to say. What the [promise](super::promise) forbids does
//! not happen.

mod cables;
mod falls;
mod orders;

use std::collections::BTreeMap;
use std::time::Duration;

use partitioning::TopicPartition;

use super::draw::Draw;
use super::faults::Fault;
use super::machine::name;
use super::network::TroubleId;
use super::settings::Settings;
use super::world::World;

/// How many faults there are at a time, at most.
const AT_ONCE: usize = 3;
/// How often chance is asked for another fault, if the one that it gave cannot be.
const TRIES: usize = 8;

/// See the [module](self).
pub(super) struct Storm {
    draw: Draw,
    /// When the next fault comes.
    next: Duration,
    /// The longest time between two faults.
    pause: Duration,
    going_on: Vec<GoingOn>,
    happened: BTreeMap<Fault, u64>,
    /// Faults that came while others went on.
    side_by_side: u64,
}

/// A fault that is not over.
#[derive(Debug, Clone)]
enum GoingOn {
    /// Something is wrong with cables.
    Cables { id: TroubleId, until: Duration },
    /// A machine's older connections are held.
    Held { host: String, until: Duration },
    /// A machine is down.
    Down { host: String, until: Duration },
    /// A broker stops in order; then it is down for so long.
    Stops { host: String, rest: Duration },
    /// A broker dies a second time once it has registered: with another epoch than this one.
    Again { broker: i32, epoch: i64, until: Duration },
    /// The leader of the next record that is acknowledged dies.
    Waits { until: Duration },
    /// A process stands still.
    Still { host: String, until: Duration },
    /// A clock is wrong.
    Clock { host: String, until: Duration },
    /// A disk is slow.
    Slow { host: String, until: Duration },
    /// A topic is there that will be deleted.
    Topic { until: Duration },
    /// A move of replicas that will be called off.
    Move { at: TopicPartition, until: Duration },
}

/// What becomes of a fault.
enum Act {
    GoesOn,
    Becomes(GoingOn),
    IsOver,
}

fn over_if(is_over: bool) -> Act {
    if is_over { Act::IsOver } else { Act::GoesOn }
}

impl Storm {
    pub(super) fn new(settings: &Settings, now: Duration) -> Self {
        let mut draw = Draw::new(settings.seed, "storm");
        let pause = draw.time(Duration::from_millis(300), Duration::from_millis(2_500));
        let next = now + draw.time(Duration::ZERO, pause);
        Storm { draw, next, pause, going_on: Vec::new(), happened: BTreeMap::new(), side_by_side: 0 }
    }

    /// How often each fault happened.
    pub(super) fn happened(&self) -> &BTreeMap<Fault, u64> {
        &self.happened
    }

    /// How many faults came while others went on.
    pub(super) fn side_by_side(&self) -> u64 {
        self.side_by_side
    }

    /// Ends what is over, and begins what is due. To be called after each step.
    pub(super) fn blow(&mut self, world: &mut World) {
        self.go_on(world);
        if world.now() < self.next {
            return;
        }
        self.next = world.now() + self.draw.time(Duration::from_millis(20), self.pause);
        if self.going_on.len() >= AT_ONCE {
            return;
        }
        for _ in 0..TRIES {
            let fault = self.draw.one_of(&Fault::ALL);
            let others = self.going_on.len();
            if let Some(what) = self.begin(fault, world) {
                if fault != Fault::KillAfterAck {
                    self.count(fault);
                }
                self.side_by_side += u64::from(others > 0);
                return world.trace.note(world.now(), "fault", format_args!("{fault}: {what}"));
            }
        }
    }

    /// Ends all faults. Machines that are down start now; those that are about to stop start when they have ([`start_all`]).
    ///
    /// [`start_all`]: Self::start_all
    pub(super) fn heal(&mut self, world: &mut World) {
        for one in std::mem::take(&mut self.going_on) {
            self.end(one, world);
        }
        world.trace.note(world.now(), "fault", "all is healed");
    }

    /// Starts each machine of the cluster whose program has ended in order.
    pub(super) fn start_all(&self, world: &mut World) {
        for host in world.cluster_hosts() {
            let has_ended = matches!(world.machine(&host).inside().ended(), Some(Ok(())));
            if has_ended {
                world.sim.bounce(host.as_str());
            }
        }
    }

    fn count(&mut self, fault: Fault) {
        *self.happened.entry(fault).or_default() += 1;
    }

    /// Begins a fault, if it can be now. Gives what it does, in words.
    fn begin(&mut self, fault: Fault, world: &mut World) -> Option<String> {
        match fault {
            Fault::Partition
            | Fault::OneWay
            | Fault::CutFromController
            | Fault::CutFromPeer
            | Fault::CutFromClients
            | Fault::ControllerCutOff
            | Fault::Delay
            | Fault::Loss
            | Fault::Hold => self.cables(fault, world),
            Fault::OldConnections => self.old_connections(world),
            Fault::Kill | Fault::Power | Fault::PowerOfSeveral | Fault::DiskLost | Fault::RestartWhileFenced => {
                self.fall(fault, world)
            }
            Fault::KillController | Fault::PowerOfController => self.controller_falls(fault, world),
            Fault::Pause => self.pause(world),
            Fault::KillAfterAck => self.wait_for_ack(world),
            Fault::Stop => self.stop(world),
            Fault::ClientKill | Fault::ClientRestart => self.clients_fall(fault, world),
            Fault::ClockJump => self.clock(world),
            Fault::SlowDisk => self.slow_disk(world),
            Fault::OtherTopic => self.other_topic(world),
            Fault::PreferredElection | Fault::Reassignment | Fault::CancelledMove => self.order(fault, world),
        }
    }

    /// Looks after what goes on.
    fn go_on(&mut self, world: &mut World) {
        let mut place = 0;
        while let Some(one) = self.going_on.get(place).cloned() {
            match self.next_act(&one, world) {
                Act::GoesOn => place += 1,
                Act::Becomes(next) => {
                    self.going_on[place] = next;
                    place += 1;
                }
                Act::IsOver => {
                    self.going_on.remove(place);
                    self.end(one, world);
                }
            }
        }
    }

    /// What becomes of a fault now.
    fn next_act(&mut self, one: &GoingOn, world: &mut World) -> Act {
        let now = world.now();
        match one {
            GoingOn::Cables { until, .. }
            | GoingOn::Held { until, .. }
            | GoingOn::Down { until, .. }
            | GoingOn::Still { until, .. }
            | GoingOn::Clock { until, .. }
            | GoingOn::Slow { until, .. }
            | GoingOn::Topic { until }
            | GoingOn::Move { until, .. } => over_if(*until <= now),
            GoingOn::Stops { host, rest } => match world.machine(host).inside().ended() {
                Some(_) => Act::Becomes(GoingOn::Down { host: host.clone(), until: now + *rest }),
                None => Act::GoesOn,
            },
            GoingOn::Again { broker, epoch, until } => over_if(*until <= now || self.again(*broker, *epoch, world)),
            GoingOn::Waits { until } => over_if(*until <= now || self.after_ack(world)),
        }
    }

    /// Ends a fault.
    fn end(&mut self, one: GoingOn, world: &mut World) {
        match one {
            GoingOn::Cables { id, .. } => world.network.end(&mut world.sim, id),
            GoingOn::Held { host, .. } => world.machine(&host).inside().gate().let_go(),
            GoingOn::Down { host, .. } => {
                world.trace.say(world.now(), "fault", format_args!("{host} starts"));
                world.sim.bounce(host.as_str());
            }
            GoingOn::Still { host, .. } => world.machine(&host).inside().go_on(),
            GoingOn::Clock { host, .. } => world.machine(&host).inside().set_clock(0),
            GoingOn::Slow { host, .. } => world.machine(&host).inside().set_slowness(Duration::ZERO),
            GoingOn::Topic { .. } => orders::delete_other_topic(world),
            GoingOn::Move { at, .. } => orders::call_off(&at, world),
            // A broker that stops is started when it has.
            GoingOn::Stops { .. } | GoingOn::Again { .. } | GoingOn::Waits { .. } => {}
        }
    }

    /// A clock jumps, by seconds or by days.
    fn clock(&mut self, world: &mut World) -> Option<String> {
        let host = self.draw.one_of(&world.cluster_hosts());
        let is_wrong = |one: &GoingOn| matches!(one, GoingOn::Clock { host: other, .. } if *other == host);
        if self.going_on.iter().any(is_wrong) {
            return None;
        }
        let by = self.draw.one_of(&[200, 5_000, 3_600_000, 30 * 24 * 3_600_000]);
        let ahead = if self.draw.chance(50) { by } else { -by };
        world.machine(&host).inside().set_clock(ahead);
        let until = world.now() + self.long(world);
        self.going_on.push(GoingOn::Clock { host: host.clone(), until });
        Some(format!("{host}'s clock is {ahead} ms ahead"))
    }

    fn slow_disk(&mut self, world: &mut World) -> Option<String> {
        let host = self.draw.one_of(&world.cluster_hosts());
        let is_slow = |one: &GoingOn| matches!(one, GoingOn::Slow { host: other, .. } if *other == host);
        if self.going_on.iter().any(is_slow) {
            return None;
        }
        let by = self.draw.time(Duration::from_millis(20), Duration::from_millis(600));
        world.machine(&host).inside().set_slowness(by);
        let until = world.now() + self.long(world);
        self.going_on.push(GoingOn::Slow { host: host.clone(), until });
        Some(format!("{host}'s disk takes up to {} ms longer", by.as_millis()))
    }

    /// For how long a fault lasts: a moment, or long enough to be noticed.
    fn long(&mut self, world: &World) -> Duration {
        let session = world.settings().session;
        match self.draw.chance(40) {
            true => self.draw.time(Duration::from_millis(20), session),
            false => self.draw.time(session, session * 4),
        }
    }

    /// The brokers that run, and are not about to stop.
    fn up(&self, world: &World) -> Vec<i32> {
        let runs = |(id, machine): (i32, &super::machine::Machine)| {
            let stops = |one: &GoingOn| matches!(one, GoingOn::Stops { host, .. } if *host == name(id));
            let is_up = machine.inside().running().is_some() && !self.going_on.iter().any(stops);
            is_up.then_some(id)
        };
        world.brokers().filter_map(runs).collect()
    }
}
