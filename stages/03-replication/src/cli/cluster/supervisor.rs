//! Whoever starts the cluster's processes, and does to them what can happen to machines.
//!
//! | act | what it stands for | how |
//! |---|---|---|
//! | kill | a machine dies | SIGKILL: it learns nothing of it, and what it had not flushed is up to the system |
//! | pause, resume | a machine stalls: a long pause, a disk that hangs | SIGSTOP, SIGCONT: its connections stay open |
//! | isolate, heal | a cable breaks | [`cables`](super::super::cables) |
//! | stop, start | somebody maintains it | SIGTERM; a new process on the same folder and port |
//!
//! An act is done when its effect can be seen. What follows from it (that others notice) takes its time.

use std::time::Duration;

use partitioning::cli::failure::Failure;
use tokio::sync::watch;
use tokio::time::timeout;

use super::Layout;
use super::asking::PATIENCE;
use super::child::{self, last_lines};
use super::members::{Life, Members, Name};
use super::plan::Plan;
use super::rest::unrest;
use super::signal::{Signal, send};
use crate::cli::stage::{Clients, Stage};

/// How long a process may take to start.
const START: Duration = Duration::from_secs(20);
/// How long a process may take to report.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a process may take to end. A broker that gets no leave from the controller stops without after 30 s.
const END: Duration = Duration::from_secs(45);

/// What came of an act: a sentence, and if it could not be done, one as well.
pub type Said = Result<String, String>;

/// See the [module](self).
#[derive(Debug)]
pub struct Supervisor {
    plan: Plan,
    /// How the prompt sends and fetches.
    pub(super) clients: Clients,
    /// What is known of all processes.
    pub members: watch::Sender<Members>,
}

impl Supervisor {
    /// Of such a cluster, of which nothing runs yet.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if there are not enough ports, [`Failure::Runtime`] if the system does not say where this program is.
    pub fn of<S: Stage>(layout: &Layout<'_>) -> Result<Self, Failure> {
        let (plan, clients) = (layout.plan::<S>()?, S::clients(PATIENCE));
        Ok(Supervisor { plan, clients, members: watch::Sender::new(Members::new(layout.brokers)) })
    }

    /// Starts the controller, and then all brokers at once.
    ///
    /// # Errors
    ///
    /// Which of them does not start.
    pub async fn start_all(&self) -> Result<(), String> {
        self.start(Name::Controller).await?;
        let brokers: Vec<_> = self.members.borrow().brokers().map(Name::Broker).collect();
        for &name in &brokers {
            self.launch(name)?;
        }
        for &name in &brokers {
            self.until_started(name).await?;
        }
        Ok(())
    }

    /// Starts a process, and waits until it serves, if it can.
    ///
    /// # Errors
    ///
    /// A sentence, if it could not be done.
    pub async fn start(&self, name: Name) -> Said {
        self.launch(name)?;
        let controller = self.is_reachable(Name::Controller);
        if name != Name::Controller && (!controller || self.is_isolated(name)) {
            let why = if controller { "it is cut off" } else { "the controller does not answer" };
            return Ok(format!("{name} is started, and cannot be a member yet: {why}"));
        }
        self.until_started(name).await
    }

    fn launch(&self, name: Name) -> Result<(), String> {
        if self.life(name)? != Life::Dead {
            return Err(format!("{name} runs already"));
        }
        let launch = self.plan.launch(name, &self.members.borrow())?;
        child::start(name, &launch, &self.members).map_err(|error| format!("{name} cannot be started: {error}"))
    }

    async fn until_started(&self, name: Name) -> Said {
        let is_settled = |members: &Members| members.processes[&name].life != Life::Starting;
        match self.until(START, is_settled).await {
            true if self.life(name)? == Life::Running => Ok(format!("{name} serves at {}", self.address(name))),
            true => Err(format!("{name} did not start")),
            false => Err(format!("{name} does not serve after {} s: `log` shows why", START.as_secs())),
        }
    }

    /// Ends a process at once.
    ///
    /// # Errors
    ///
    /// A sentence, if it could not be done.
    pub async fn kill(&self, name: Name) -> Said {
        self.end(name, Signal::Kill).await.map(|()| format!("{name} is dead"))
    }

    /// Ends a process in order.
    pub(super) async fn stop(&self, name: Name) -> Said {
        if self.life(name)? == Life::Paused {
            return Err(format!("{name} is paused, and does not hear anything: resume or kill it"));
        }
        self.end(name, Signal::Terminate).await.map(|()| format!("{name} has stopped"))
    }

    async fn end(&self, name: Name, signal: Signal) -> Result<(), String> {
        if self.life(name)? == Life::Dead {
            return Err(format!("{name} does not run"));
        }
        self.set_life(name, Life::Stopping);
        self.send(name, signal)?;
        match self.until(END, |members| members.processes[&name].life == Life::Dead).await {
            true => Ok(()),
            false => Err(format!("{name} has not ended after {} s: kill it", END.as_secs())),
        }
    }

    /// Stops a process where it is.
    ///
    /// # Errors
    ///
    /// A sentence, if it could not be done.
    pub fn pause(&self, name: Name) -> Said {
        self.must_run(name)?;
        self.send(name, Signal::Stop)?;
        self.set_life(name, Life::Paused);
        Ok(format!("{name} is paused: it does nothing, and its connections stay open"))
    }

    /// Lets it go on.
    ///
    /// # Errors
    ///
    /// A sentence, if it could not be done.
    pub fn resume(&self, name: Name) -> Said {
        if self.life(name)? != Life::Paused {
            return Err(format!("{name} is not paused"));
        }
        self.set_life(name, Life::Running);
        self.send(name, Signal::Continue)?;
        Ok(format!("{name} goes on"))
    }

    /// Cuts a process off from all others. A broker's clients still reach it.
    pub(super) async fn isolate(&self, name: Name) -> Said {
        self.set_isolated(name, true).await?;
        Ok(format!("{name} is cut off from the others"))
    }

    /// Mends its cables.
    pub(super) async fn heal(&self, name: Name) -> Said {
        self.set_isolated(name, false).await?;
        Ok(format!("{name} is connected again"))
    }

    async fn set_isolated(&self, name: Name, isolated: bool) -> Result<(), String> {
        self.life(name)?;
        if self.is_isolated(name) == isolated {
            return Err(format!("{name} is {}", if isolated { "cut off already" } else { "not cut off" }));
        }
        self.members.send_modify(|members| {
            members.processes.entry(name).or_default().is_isolated = isolated;
        });
        match self.refresh().await {
            true => Ok(()),
            false => Err("not all processes have heard of it".to_owned()),
        }
    }

    /// The last lines of what a process has logged.
    pub(super) fn log(&self, name: Name, lines: usize) -> Said {
        self.life(name)?;
        let lines = last_lines(&self.plan.log(name), lines).map_err(|error| format!("{name} has no log: {error}"))?;
        Ok(lines.iter().map(|line| partitioning::cli::failure::harmless(line)).collect::<Vec<_>>().join("\n"))
    }

    /// Ends all processes: the brokers in order and then the controller, or all at once. Gives which have not ended in time; they
    /// are killed when this process ends.
    pub async fn end_all(&self, in_order: bool) -> Vec<Name> {
        let names: Vec<_> = self.members.borrow().processes.keys().copied().collect();
        let (brokers, controller): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| *name != Name::Controller);
        self.members.send_modify(|members| {
            members.processes.values_mut().for_each(|process| process.is_isolated = false);
        });
        let mut left = Vec::new();
        for group in [brokers, controller] {
            group.iter().for_each(|name| self.tell_to_end(*name, in_order));
            let is_dead = |members: &Members, name: &Name| members.processes[name].life == Life::Dead;
            if !self.until(END, |members| group.iter().all(|name| is_dead(members, name))).await {
                let members = self.members.borrow();
                left.extend(group.into_iter().filter(|name| !is_dead(&members, name)));
            }
        }
        left
    }

    fn tell_to_end(&self, name: Name, in_order: bool) {
        let life = self.life(name);
        if !life.as_ref().is_ok_and(|life| *life != Life::Dead) {
            return;
        }
        self.set_life(name, Life::Stopping);
        // One that has ended meanwhile needs no signal, and says so.
        if in_order {
            let _ = self.send(name, Signal::Terminate);
            let _ = self.send(name, Signal::Continue);
        } else {
            let _ = self.send(name, Signal::Kill);
        }
    }

    /// Has all processes that run report how they stand now. Gives whether they have.
    pub async fn refresh(&self) -> bool {
        self.members.send_modify(|members| members.asked += 1);
        let asked = self.members.borrow().asked;
        self.until(ANSWER, |members| members.have_answered(asked)).await
    }

    /// Waits until the cluster is at rest, at most `within`.
    ///
    /// # Errors
    ///
    /// A sentence, if it could not be done.
    pub async fn rest(&self, within: Duration) -> Said {
        let resting = async {
            loop {
                // Reports come one by one. What they say together counts if all of them are newer than the question.
                self.refresh().await;
                if unrest(&self.members.borrow()).is_none() {
                    return;
                }
                let mut members = self.members.subscribe();
                let waited = members.wait_for(|members| unrest(members).is_none()).await;
                waited.map(drop).expect("the sender is in `self`");
            }
        };
        let is_over = timeout(within, resting).await.is_err();
        match unrest(&self.members.borrow()).filter(|_| is_over) {
            None => Ok("at rest".to_owned()),
            Some(why) => Err(format!("not at rest: {why}")),
        }
    }

    /// Waits until something is so, at most `within`. Gives whether it is.
    pub(super) async fn until(&self, within: Duration, is_so: impl FnMut(&Members) -> bool) -> bool {
        let mut members = self.members.subscribe();
        let waited = timeout(within, members.wait_for(is_so)).await;
        // The sender is in `self`, so what was waited for came, or did not.
        matches!(waited, Ok(Ok(_)))
    }

    pub(super) fn is_reachable(&self, name: Name) -> bool {
        self.members.borrow().is_reachable(name)
    }

    fn is_isolated(&self, name: Name) -> bool {
        self.members.borrow().processes.get(&name).is_some_and(|process| process.is_isolated)
    }

    fn address(&self, name: Name) -> String {
        let members = self.members.borrow();
        members.processes.get(&name).and_then(|process| process.address.clone()).unwrap_or_default()
    }

    fn life(&self, name: Name) -> Result<Life, String> {
        let members = self.members.borrow();
        let brokers = members.brokers().count();
        let process = members.processes.get(&name);
        process
            .map(|process| process.life.clone())
            .ok_or_else(|| format!("there is no {name}: there are 1 to {brokers}"))
    }

    fn must_run(&self, name: Name) -> Result<(), String> {
        match self.life(name)? {
            Life::Running | Life::Starting => Ok(()),
            Life::Paused => Err(format!("{name} is paused already")),
            Life::Stopping | Life::Dead => Err(format!("{name} does not run")),
        }
    }

    fn set_life(&self, name: Name, life: Life) {
        self.members.send_modify(|members| members.processes.entry(name).or_default().life = life);
    }

    fn send(&self, name: Name, signal: Signal) -> Result<(), String> {
        let pid = self.members.borrow().processes.get(&name).and_then(|process| process.pid);
        let pid = pid.ok_or_else(|| format!("{name} does not run"))?;
        send(pid, signal).map_err(|error| format!("{name} cannot be signalled: {error}"))
    }
}
