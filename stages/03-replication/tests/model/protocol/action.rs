//! What can happen next. In each state all of these that are possible are tried.

use super::Protocol;
use super::state::{Line, Role, Stage, State};

/// See the [module](self). Numbers of brokers; `wish` is the place of a message among [`State::wishes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// A client sends the next record to whoever believes to lead.
    Produce { to: i32 },
    /// A follower asks its leader for what comes next. What was under way between the two is lost; and if too much is under way,
    /// so is what is between two others.
    Ask { follower: i32, instead: Option<(i32, i32)> },
    /// The question arrives, and is answered.
    Serve { follower: i32, leader: i32 },
    /// The answer arrives.
    Copy { follower: i32, leader: i32 },
    /// A leader looks who is in sync.
    Look { leader: i32 },
    /// A leader asks the controller for other replicas in sync.
    Wish { leader: i32 },
    /// The controller hears that, and decides.
    Decide { wish: usize },
    /// The leader hears the answer.
    Hear { wish: usize },
    /// The leader waits no longer. What it asked may arrive yet; an answer does not.
    GiveUp { wish: usize },
    /// A broker reads the metadata log up to a decision.
    Learn { broker: i32, decision: usize },
    /// The controller takes a broker for dead, whether it is or not.
    Fence { broker: i32 },
    /// The controller hears of it again.
    Unfence { broker: i32 },
    /// The preferred leader is elected.
    Prefer,
    /// A process dies. Its disk keeps so many records, and an older high watermark.
    Crash { broker: i32, keep: usize, high_watermark: i64 },
    /// A process starts, and registers.
    Start { broker: i32 },
    /// `replica.lag.time.max.ms` goes by.
    Tick,
}

impl Action {
    /// How many kinds there are.
    pub(crate) const KINDS: [&str; 16] = [
        "produce", "ask", "serve", "copy", "look", "wish", "decide", "hear", "give up", "learn", "fence", "unfence",
        "prefer", "crash", "start", "tick",
    ];

    /// Which of the [kinds](Self::KINDS) this is.
    pub(crate) fn kind(self) -> usize {
        match self {
            Action::Produce { .. } => 0,
            Action::Ask { .. } => 1,
            Action::Serve { .. } => 2,
            Action::Copy { .. } => 3,
            Action::Look { .. } => 4,
            Action::Wish { .. } => 5,
            Action::Decide { .. } => 6,
            Action::Hear { .. } => 7,
            Action::GiveUp { .. } => 8,
            Action::Learn { .. } => 9,
            Action::Fence { .. } => 10,
            Action::Unfence { .. } => 11,
            Action::Prefer => 12,
            Action::Crash { .. } => 13,
            Action::Start { .. } => 14,
            Action::Tick => 15,
        }
    }
}

impl Protocol {
    /// All that may happen in `state`. Some of it turns out to change nothing, and then does not happen.
    pub(crate) fn possible(&self, state: &State, actions: &mut Vec<Action>) {
        for id in state.ids() {
            self.possible_for(state, id, actions);
        }
        for (&(follower, leader), line) in &state.lines {
            actions.push(match line {
                Line::Question { .. } => Action::Serve { follower, leader },
                Line::Answer { .. } => Action::Copy { follower, leader },
            });
        }
        for (wish, message) in state.wishes.iter().enumerate() {
            match message.stage {
                Stage::Asked => actions.extend([Action::Decide { wish }, Action::GiveUp { wish }]),
                Stage::GivenUp => actions.push(Action::Decide { wish }),
                Stage::Answered(_) => actions.extend([Action::Hear { wish }, Action::GiveUp { wish }]),
            }
        }
        actions.push(Action::Prefer);
        if state.clock < self.bounds.ticks {
            actions.push(Action::Tick);
        }
    }

    fn possible_for(&self, state: &State, id: i32, actions: &mut Vec<Action>) {
        let (bounds, broker) = (&self.bounds, state.broker(id));
        let is_fenced = state.decided().brokers[&id].fenced;
        if !is_fenced && state.fenced < bounds.fences {
            actions.push(Action::Fence { broker: id });
        }
        let Some(process) = &broker.process else {
            return actions.push(Action::Start { broker: id });
        };
        if let Role::Leader(leader) = &process.role {
            if state.produced < bounds.records {
                actions.push(Action::Produce { to: id });
            }
            actions.push(Action::Look { leader: id });
            if leader.pending().is_some() && !state.waits_for_controller(id) {
                actions.push(Action::Wish { leader: id });
            }
        }
        if let Role::Follower { leader, .. } = process.role {
            let here = (id, leader);
            if state.lines.contains_key(&here) || state.lines.len() < bounds.fetches {
                actions.push(Action::Ask { follower: id, instead: None });
            } else {
                let others = state.lines.keys().map(|line| Action::Ask { follower: id, instead: Some(*line) });
                actions.extend(others);
            }
        }
        actions
            .extend((process.knows + 1..state.decisions.len()).map(|decision| Action::Learn { broker: id, decision }));
        if is_fenced && !matches!(process.role, Role::Failed { .. }) {
            actions.push(Action::Unfence { broker: id });
        }
        if state.crashed < bounds.crashes {
            let all = broker.disk.log.len();
            for keep in if bounds.loses { 0..=all } else { all..=all } {
                let stored = (0..=broker.high_watermark()).filter(|stored| *stored <= keep as i64);
                actions.extend(stored.map(|high_watermark| Action::Crash { broker: id, keep, high_watermark }));
            }
        }
    }
}
