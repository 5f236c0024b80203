//! What follows from a step at once, and takes no step of its own: so that what is the same from then on is one state.

use std::sync::Arc;

use super::Protocol;
use super::state::{Broker, Committed, Decision, Line, Process, Role, Stage, State, Wish};

impl Protocol {
    /// What needs no time: news that change nothing for a broker are read at once, decisions that everybody knows are
    /// forgotten, and what leaders show is remembered.
    pub(crate) fn settle(&self, before: &State, state: &mut State) {
        for id in state.ids() {
            while let Some((known, next)) = next_news(state, id)
                && !is_news(state.broker(id), known, next, self.bounds.late_news)
            {
                let eligible = (!self.bounds.late_news).then(|| next.eligible());
                let process = state.broker_mut(id).process.as_mut().expect("it has news");
                process.knows += 1;
                if let (Role::Leader(leader), Some(eligible)) = (&mut process.role, eligible) {
                    leader.set_eligible(eligible);
                }
            }
        }
        let slowest =
            state.brokers.iter().filter_map(|broker| broker.process.as_ref()).map(|process| process.knows).min();
        let known_by_all = slowest.unwrap_or(state.decisions.len() - 1);
        if known_by_all > 0 {
            state.decisions.drain(..known_by_all);
            for id in state.ids() {
                if let Some(process) = &mut state.broker_mut(id).process {
                    process.knows -= known_by_all;
                }
            }
        }
        self.forget_what_is_too_late(state);
        remember(before, state);
    }

    /// Messages that can do nothing any more, however late they arrive: epochs only grow.
    fn forget_what_is_too_late(&self, state: &mut State) {
        let State { brokers, decisions, lines, wishes, .. } = state;
        lines.retain(|line, message| !self.comes_too_late(brokers, *line, message));
        let now = &decisions[decisions.len() - 1].record;
        let is_too_late = |wish: &Wish| {
            wish.request.leader_epoch < now.leader_epoch
                || self.policy.fences_wishes() && wish.request.partition_epoch < now.partition_epoch
        };
        wishes.retain(|wish| wish.stage != Stage::GivenUp || !is_too_late(wish));
    }

    /// Whether a message will be refused, whenever it arrives.
    pub(super) fn comes_too_late(
        &self,
        brokers: &[Arc<Broker>],
        (follower, leader): (i32, i32),
        message: &Line,
    ) -> bool {
        if !self.policy.fences_fetches() {
            return false;
        }
        let [follower, leader] = [follower, leader].map(|id| &brokers[id as usize - 1]);
        let epoch_of = |broker: &Broker| broker.process.as_ref().map_or(-1, Process::epoch);
        match message {
            Line::Question { ask, .. } => {
                let leads = leader.leader().is_some_and(|leader| leader.epoch() == ask.leader_epoch);
                epoch_of(leader) >= ask.leader_epoch && !leads
            }
            Line::Answer { ask, .. } => epoch_of(follower) != ask.leader_epoch,
        }
    }
}

/// The decision that a broker knows, and the next one.
fn next_news(state: &State, id: i32) -> Option<(&Decision, &Decision)> {
    let knows = state.broker(id).process.as_ref()?.knows;
    Some((&**state.decisions.get(knows)?, &**state.decisions.get(knows + 1)?))
}

/// Whether a decision says something to a broker that it does not know, and that concerns it.
fn is_news(broker: &Broker, known: &Decision, next: &Decision, late: bool) -> bool {
    let Some(process) = &broker.process else { return false };
    let (record, epoch) = (&next.record, process.epoch());
    match &process.role {
        Role::Failed { .. } => false,
        _ if record.leader_epoch < epoch => false,
        Role::Leader(leader) if record.leader_epoch == epoch => {
            leader.record().partition_epoch < record.partition_epoch || late && known.eligible() != next.eligible()
        }
        Role::Follower { leader, .. } => (record.leader, record.leader_epoch) != (Some(*leader), epoch),
        Role::Waiting { .. } => record.leader.is_some() || record.leader_epoch > epoch,
        Role::Leader(_) => true,
    }
}

fn remember(before: &State, state: &mut State) {
    for id in state.ids() {
        let broker = state.brokers[id as usize - 1].clone();
        let Some(leader) = broker.leader() else { continue };
        let high_watermark = leader.high_watermark();
        for entry in broker.disk.log.iter().take(high_watermark as usize).skip(state.committed.len()) {
            state.committed.push(Committed { entry: *entry, by: leader.epoch() });
        }
        let was = before.broker(id).leader().filter(|was| was.epoch() == leader.epoch());
        state.went_back |= was.is_some_and(|was| was.high_watermark() > high_watermark);
    }
}
