//! What happens to brokers and tellers, one thing after the other, by lots.
//!
//! A broker dies (SIGKILL) or stalls (SIGSTOP), and comes back. One at a time: with three copies, of which two must be in sync, work goes
//! on. A teller dies in the middle of what it does, and another takes its place. Or it only seems to have died, and both work: a zombie.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use acks::simulation::Draw;
use replication::cli::cluster::members::{Life, Name};
use replication::cli::cluster::supervisor::{Said, Supervisor};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use super::teller::{self, Done};
use super::{Bank, Kind};

/// How long a broker is down.
const DOWN: [Duration; 2] = [Duration::from_millis(1_500), Duration::from_millis(3_500)];
/// How long all are up in between.
const UP: [Duration; 2] = [Duration::from_millis(2_000), Duration::from_millis(4_000)];
/// How long until something happens to a teller.
const TELLERS: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(900)];

/// Has brokers die, one after the other. When it is dropped, one may be down.
pub async fn brokers(bank: Arc<Bank>, supervisor: Arc<Supervisor>, mut draw: Draw) {
    let all: Vec<i32> = supervisor.members.borrow().brokers().collect();
    loop {
        sleep(draw.time(UP[0], UP[1])).await;
        let broker = Name::Broker(draw.one_of(&all));
        let stalls = draw.chance(30);
        match stalls {
            true => tell(&bank, supervisor.pause(broker), format!("{broker} stalls")),
            false => tell(&bank, supervisor.kill(broker).await, format!("{broker} dies")),
        }
        sleep(draw.time(DOWN[0], DOWN[1])).await;
        match stalls {
            true => tell(&bank, supervisor.resume(broker), format!("{broker} goes on")),
            false => tell(&bank, supervisor.start(broker).await, format!("{broker} is back")),
        }
    }
}

/// Brings back what is down.
///
/// # Errors
///
/// Which broker does not start.
pub async fn mend(supervisor: &Supervisor) -> Result<(), String> {
    let all: Vec<i32> = supervisor.members.borrow().brokers().collect();
    for broker in all.into_iter().map(Name::Broker) {
        // One that was killed just now takes a moment to be dead.
        let mut members = supervisor.members.subscribe();
        let settled = members.wait_for(|members| members.processes[&broker].life != Life::Stopping).await;
        let life = settled.expect("the sender is the supervisor's").processes[&broker].life.clone();
        match life {
            Life::Paused => drop(supervisor.resume(broker)?),
            Life::Dead => drop(supervisor.start(broker).await?),
            Life::Starting | Life::Running | Life::Stopping => {}
        }
    }
    Ok(())
}

/// What was done; or why it could not be.
fn tell(bank: &Bank, done: Said, what: String) {
    bank.diary.tell(done.map_or_else(|rule| rule, |_| what));
}

/// The tellers that work.
pub struct Tellers {
    bank: Arc<Bank>,
    draw: Draw,
    /// What those of each kind have done.
    pub done: [Arc<Done>; 2],
    working: JoinSet<()>,
    /// Those that are not thought to be dead, by kind and number.
    places: BTreeMap<(usize, usize), AbortHandle>,
}

impl Tellers {
    /// So many of each kind.
    pub fn begin(bank: &Arc<Bank>, each: usize, draw: Draw) -> Self {
        let (working, places) = (JoinSet::new(), BTreeMap::new());
        let mut tellers = Tellers { bank: bank.clone(), draw, done: Default::default(), working, places };
        for (place, _) in Kind::ALL.iter().enumerate() {
            (1..=each).for_each(|number| tellers.hire(place, number));
        }
        tellers
    }

    /// A new one at a place.
    fn hire(&mut self, place: usize, number: usize) {
        let kind = Kind::ALL[place];
        let draw = Draw::new(self.draw.seed(), &format!("{kind:?} {number}"));
        let work = teller::work(self.bank.clone(), kind, number, self.done[place].clone(), draw);
        let working = self.working.spawn(work);
        self.places.insert((place, number), working);
    }

    /// Has tellers die, one after the other.
    pub async fn die(&mut self) {
        loop {
            sleep(self.draw.time(TELLERS[0], TELLERS[1])).await;
            // Whoever has ended by himself needs nobody to look at him.
            while self.working.try_join_next().is_some() {}
            let all: Vec<_> = self.places.keys().copied().collect();
            let (place, number) = self.draw.one_of(&all);
            let is_plain = Kind::ALL[place] == Kind::Plain;
            match (is_plain, self.draw.chance(30)) {
                // Two plain ones are two tellers: nobody is in the way of the other.
                (false, true) => self
                    .bank
                    .diary
                    .tell(format!("teller {number} is thought to be dead, and works on beside its successor")),
                (is_plain, _) => {
                    self.places[&(place, number)].abort();
                    let which = if is_plain { "plain teller" } else { "teller" };
                    self.bank.diary.tell(format!("{which} {number} dies"));
                }
            }
            self.hire(place, number);
        }
    }

    /// Ends all of them in the middle of what they do.
    pub async fn end(mut self) {
        self.working.shutdown().await;
    }
}
