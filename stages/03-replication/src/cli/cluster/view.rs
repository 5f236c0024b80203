//! The look at a cluster: a pure function from what is known to lines of text.
//!
//! ```text
//!   controller  runs at 127.0.0.1:40001
//!   broker 1    dead, was at 127.0.0.1:40002                         what the system says, and what the controller says
//!   broker 2    runs at 127.0.0.1:40003
//!
//!   orders-0  broker 2 leads in epoch 1 · in sync 2 · replicas 1,2   what is decided
//!     broker 1  leads, dead   █████▒▒                HW  5  LEO  7  epoch 0
//!     broker 2  leads         █████░░                HW  5  LEO  7  epoch 1     what each broker told of itself last
//! ```
//!
//! A bar is a log, from where it begins to where it ends (LEO): dark up to the high watermark (HW), as far as this replica
//! knows it, and light behind it. All bars of a partition have one scale. Whoever is dead, paused or cut off is shown dimmed, as
//! it was or believes to be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use partitioning::TopicPartition;
use partitioning::cli::counted;
use partitioning::cli::describe::ids;
use partitioning::cli::failure::harmless;
use partitioning::topics::name::is_internal;

use super::super::describe::in_words;
use super::super::report::{ControllerReport, Decision};
use super::bar::Scale;
use super::members::{Life, Members, Name, Process};
use super::rest::state;
use crate::api::{ReplicaRole, ReplicaState};

/// The longest bar.
const LONGEST_BAR: usize = 60;

/// How a line is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// A heading.
    Bold,
    /// As usual.
    Plain,
    /// Not to be believed without a question.
    Dim,
}

/// A line of the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What stands there.
    pub text: String,
    /// How.
    pub shade: Shade,
}

/// The whole view, of one topic or of all, where each internal one has a line; no line has more than `columns` characters.
pub fn view(members: &Members, topic: Option<&str>, columns: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = members.processes.keys().map(|name| process(members, *name)).collect();
    // Partitions of an internal topic are many, and nobody looks for them among his own.
    let is_shown = |at: &TopicPartition| topic.map_or(!is_internal(&at.topic), |topic| *topic == *at.topic);
    let decided = members.controller.iter().flat_map(|controller| &controller.partitions);
    let mut shown = decided.filter(|(at, _)| is_shown(at)).peekable();
    if shown.peek().is_none() {
        let text = match topic {
            Some(topic) => format!("there is no topic {}", harmless(topic)),
            None => "no topics: `topic orders 1 3` makes one".to_owned(),
        };
        lines.extend([plain(String::new()), plain(text)]);
    }
    shown.for_each(|(at, decision)| lines.extend(partition(members, at, decision, columns)));
    if topic.is_none() {
        lines.extend(internal(members));
    }
    lines.iter_mut().for_each(|line| line.text = cut(&line.text, columns));
    lines
}

/// A line for each internal topic.
fn internal(members: &Members) -> Vec<Line> {
    let decided = members.controller.iter().flat_map(|controller| &controller.partitions);
    let mut counts = BTreeMap::new();
    for (at, _) in decided.filter(|(at, _)| is_internal(&at.topic)) {
        *counts.entry(&at.topic).or_insert(0) += 1;
    }
    let line = |(topic, count): (&Arc<str>, u64)| {
        let text = format!("{topic}  {}: `show {topic}` shows them", counted(count, "partition"));
        [plain(String::new()), plain(text)]
    };
    counts.into_iter().flat_map(line).collect()
}

/// The lines as plain text.
pub fn plain_text(lines: &[Line]) -> String {
    lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn plain(text: String) -> Line {
    Line { text, shade: Shade::Plain }
}

fn process(members: &Members, name: Name) -> Line {
    let process = &members.processes[&name];
    let mut words = vec![life(process)];
    if process.is_isolated && process.life != Life::Dead {
        words.push("cut off".to_owned());
    }
    if let (Name::Broker(id), Some(controller)) = (name, &members.controller) {
        words.extend(membership(controller, id, process));
    }
    let shade = if members.is_reachable(name) { Shade::Plain } else { Shade::Dim };
    Line { text: format!("{:<10}  {}", name.to_string(), words.join(", ")), shade }
}

fn life(process: &Process) -> String {
    let address = process.address.as_deref().unwrap_or("an address that nobody knows yet");
    match process.life {
        Life::Starting => "starts".to_owned(),
        Life::Running => format!("runs at {address}"),
        Life::Paused => format!("paused, at {address}"),
        Life::Stopping => format!("ends, at {address}"),
        Life::Dead if process.run == 0 => "not started".to_owned(),
        Life::Dead => format!("dead, was at {address}"),
    }
}

/// How the controller sees a broker, where that is not what one would think.
fn membership(controller: &ControllerReport, id: i32, process: &Process) -> Option<String> {
    let membership = controller.brokers.get(&id)?;
    match (membership.fenced, &process.life) {
        (true, _) => Some("fenced".to_owned()),
        (false, _) if membership.stopping => Some("gives away what it leads".to_owned()),
        (false, Life::Running | Life::Starting) if !process.is_isolated => None,
        (false, _) => Some("alive, as far as the controller knows".to_owned()),
    }
}

/// A partition: what is decided, and each copy.
fn partition(members: &Members, at: &TopicPartition, decision: &Decision, columns: usize) -> Vec<Line> {
    let leads = match decision.leader {
        Some(leader) => format!("broker {leader} leads in epoch {}", decision.leader_epoch),
        None => format!("nobody leads in epoch {}", decision.leader_epoch),
    };
    let mut in_sync = decision.in_sync.clone();
    // Their order means nothing.
    in_sync.sort_unstable();
    let in_sync = if in_sync.is_empty() { "nobody".to_owned() } else { ids(&in_sync) };
    let moving = if decision.is_moving { " · moving" } else { "" };
    let text = format!("{at}  {leads} · in sync {in_sync} · replicas {}{moving}", ids(&decision.replicas));
    let mut lines = vec![plain(String::new()), Line { text, shade: Shade::Bold }];
    let elsewhere = members.brokers.keys().filter(|id| state(members, **id, at).is_some());
    let all: BTreeSet<i32> = decision.replicas.iter().chain(elsewhere).copied().collect();
    let copies: Vec<_> = all.iter().map(|id| Copy::of(members, *id, at)).collect();
    let widths = Widths::of(&copies, columns);
    lines.extend(copies.iter().map(|copy| copy.line(&widths)));
    lines
}

/// A copy of a partition.
struct Copy<'m> {
    name: String,
    role: String,
    state: Option<&'m ReplicaState>,
    is_reachable: bool,
}

impl<'m> Copy<'m> {
    fn of(members: &'m Members, id: i32, at: &TopicPartition) -> Self {
        let (name, state) = (Name::Broker(id), state(members, id, at));
        let role = match state.map(|state| &state.role) {
            Some(ReplicaRole::Failed(_)) => "failed".to_owned(),
            Some(role) => in_words(role),
            None => "has nothing".to_owned(),
        };
        let process = members.processes.get(&name);
        let but = match process.map(|process| (&process.life, process.is_isolated)) {
            Some((Life::Dead, _)) => ", dead",
            Some((Life::Paused, _)) => ", paused",
            Some((Life::Stopping, _)) => ", ends",
            Some((_, true)) => ", cut off",
            _ => "",
        };
        Copy { name: name.to_string(), role: format!("{role}{but}"), state, is_reachable: members.is_reachable(name) }
    }

    fn line(&self, widths: &Widths) -> Line {
        let (name, role) = (format!("{:<1$}", self.name, widths.name), format!("{:<1$}", self.role, widths.role));
        let told = match self.state {
            None => String::new(),
            Some(ReplicaState { role: ReplicaRole::Failed(why), .. }) => harmless(why),
            Some(state) => widths.bar_and_figures(state),
        };
        let shade = if self.is_reachable { Shade::Plain } else { Shade::Dim };
        Line { text: format!("  {name}  {role}  {told}").trim_end().to_owned(), shade }
    }
}

/// How wide the columns of a partition's copies are, and the scale of its bars.
struct Widths {
    name: usize,
    role: usize,
    offset: usize,
    epoch: usize,
    /// Whether logs begin elsewhere than at 0.
    has_start: bool,
    scale: Scale,
}

impl Widths {
    fn of(copies: &[Copy<'_>], columns: usize) -> Self {
        let widest = |width: fn(&Copy<'_>) -> usize| copies.iter().map(width).max().unwrap_or(0);
        let (name, role) = (widest(|copy| copy.name.len()), widest(|copy| copy.role.len()));
        let states = || copies.iter().filter_map(|copy| copy.state);
        let start = states().map(|state| state.log_start).min().unwrap_or(0);
        let end = states().map(|state| state.end.max(state.high_watermark)).max().unwrap_or(0);
        let offset = end.to_string().len();
        let epoch = states().map(|state| state.leader_epoch.to_string().len()).max().unwrap_or(1);
        let has_start = states().any(|state| state.log_start > 0);
        let scale = Scale { start, end, width: 0 };
        let widths = Widths { name, role, offset, epoch, has_start, scale };
        let figures = states().map(|state| widths.figures(state).chars().count()).max().unwrap_or(0);
        let width = columns.saturating_sub(2 + name + 2 + role + 2 + 2 + figures).clamp(10, LONGEST_BAR);
        Widths { scale: Scale { start, end, width }, ..widths }
    }

    fn bar_and_figures(&self, state: &ReplicaState) -> String {
        let bar = self.scale.draw(state.log_start, state.high_watermark, state.end);
        format!("{bar:<0$}  {1}", self.scale.width, self.figures(state))
    }

    fn figures(&self, state: &ReplicaState) -> String {
        let ReplicaState { log_start, high_watermark, end, leader_epoch, .. } = *state;
        let (offset, epoch) = (self.offset, self.epoch);
        let start = if self.has_start { format!("from {log_start:>offset$}  ") } else { String::new() };
        format!("{start}HW {high_watermark:>offset$}  LEO {end:>offset$}  epoch {leader_epoch:>epoch$}")
    }
}

/// The beginning of a line, if it is too long.
fn cut(text: &str, columns: usize) -> String {
    match text.chars().count() > columns {
        true => text.chars().take(columns.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}
