//! What becomes of a state when something happens.

use std::sync::Arc;

use partitioning::ErrorCode;

use super::Protocol;
use super::action::Action;
use super::state::{Asked, Decision, Line, Stage, State, Wish};

impl Protocol {
    /// `None` if the action changes nothing, or leads beyond the bounds.
    pub(crate) fn step(&self, state: &mut State, action: Action) -> Option<()> {
        let now = Self::now(state);
        match action {
            Action::Produce { to } => {
                let value = state.produced;
                state.broker_mut(to).append(value, now)?;
                state.produced += 1;
            }
            Action::Ask { follower, instead } => self.ask(state, follower, instead)?,
            Action::Serve { follower, leader } => {
                let line = state.lines.get_mut(&(follower, leader))?;
                let Line::Question { ask, broker_epoch } = *line else { return None };
                let (asked, most) = (Asked { follower, broker_epoch, ask }, self.bounds.answer_records);
                let answer = state.broker_mut(leader).serve(asked, most, self.policy, now)?;
                state.lines.insert((follower, leader), Line::Answer { ask, answer });
            }
            Action::Copy { follower, leader } => {
                let Line::Answer { ask, answer } = state.lines.remove(&(follower, leader))? else { return None };
                state.broker_mut(follower).copy(ask, answer, self.policy)?;
            }
            Action::Look { leader } => {
                let before = state.brokers[leader as usize - 1].clone();
                state.broker_mut(leader).look_around(now)?;
                (*before != *state.broker(leader)).then_some(())?;
            }
            Action::Wish { .. } | Action::Decide { .. } | Action::Hear { .. } | Action::GiveUp { .. } => {
                self.step_wish(state, action)?;
            }
            Action::Learn { broker, decision } => {
                let told = state.decisions[decision].clone();
                let broker = state.broker_mut(broker);
                broker.take_role(&told, self.leader_config(), self.policy, now);
                broker.process.as_mut()?.knows = decision;
            }
            Action::Fence { broker } => {
                let fenced = state.decided().fence(broker, self.rules());
                let next = if self.bounds.brief { fenced.unfence(broker, self.rules()) } else { fenced };
                self.decide(state, next)?;
                state.fenced += 1;
            }
            Action::Unfence { broker } => self.decide(state, state.decided().unfence(broker, self.rules()))?,
            Action::Prefer => self.decide(state, state.decided().prefer(self.rules())?)?,
            Action::Crash { broker, keep, high_watermark } => {
                state.broker_mut(broker).crash(keep, high_watermark);
                state.crashed += 1;
                self.hang_up(state, broker);
            }
            Action::Start { broker } => {
                self.decide(state, state.decided().register(broker, self.policy, self.rules()))?;
                let (knows, epoch) = (state.decisions.len() - 1, state.decided().brokers[&broker].epoch);
                state.broker_mut(broker).start(epoch, knows);
                let told = state.decisions[knows].clone();
                state.broker_mut(broker).take_role(&told, self.leader_config(), self.policy, now);
            }
            Action::Tick => state.clock += 1,
        }
        Some(())
    }

    fn ask(&self, state: &mut State, follower: i32, instead: Option<(i32, i32)>) -> Option<()> {
        let broker = state.broker(follower);
        let (ask, broker_epoch) = (broker.ask(self.policy)?, broker.process.as_ref()?.broker_epoch);
        if let Some(lost) = instead {
            state.lines.remove(&lost);
        }
        let (line, question) = ((follower, ask.leader), Line::Question { ask, broker_epoch });
        if self.comes_too_late(&state.brokers, line, &question) {
            return None;
        }
        let old = state.lines.insert(line, question.clone());
        (old != Some(question)).then_some(())
    }

    /// What leaders and the controller say to each other. A leader has one wish at a time under way, and those that it does not
    /// wait for any more.
    fn step_wish(&self, state: &mut State, action: Action) -> Option<()> {
        let now = Self::now(state);
        match action {
            Action::Wish { leader } => {
                let broker = state.broker(leader);
                let (request, broker_epoch) = (broker.leader()?.request()?, broker.process.as_ref()?.broker_epoch);
                if state.wishes.len() == self.bounds.wishes {
                    // One that nobody waits for is lost.
                    let lost = state.wishes.iter().position(|wish| wish.stage == Stage::GivenUp)?;
                    state.wishes.remove(lost);
                }
                state.wishes.push(Wish { from: leader, broker_epoch, request, stage: Stage::Asked });
                if !self.policy.counts_wishes() {
                    state.broker_mut(leader).forget_wish(now);
                }
            }
            Action::Decide { wish } => {
                let decided = state.decided().alter(&state.wishes[wish], self.policy, self.rules());
                let answer = match decided {
                    Ok(decision) => {
                        let record = decision.record.clone();
                        self.decide(state, decision)?;
                        Ok(record)
                    }
                    Err(code) => Err(code),
                };
                match state.wishes[wish].stage {
                    Stage::Asked => state.wishes[wish].stage = Stage::Answered(answer),
                    _ => drop(state.wishes.remove(wish)),
                }
            }
            Action::Hear { wish } => {
                let Wish { from, request, stage: Stage::Answered(answer), .. } = state.wishes.remove(wish) else {
                    return None;
                };
                state.broker_mut(from).answered(&request, answer.map_err(Some), now);
            }
            Action::GiveUp { wish } => {
                let Wish { from, request, stage, .. } = state.wishes[wish].clone();
                state.broker_mut(from).answered(&request, Err(None::<ErrorCode>), now);
                match stage {
                    Stage::Answered(_) => drop(state.wishes.remove(wish)),
                    _ => state.wishes[wish].stage = Stage::GivenUp,
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// The controller writes a decision. `None` if that leads beyond the bounds.
    fn decide(&self, state: &mut State, decision: Decision) -> Option<()> {
        let record = &decision.record;
        let is_within = record.leader_epoch <= self.bounds.epochs && record.partition_epoch <= self.bounds.changes;
        is_within.then(|| state.decisions.push(Arc::new(decision)))
    }

    /// The connections of a process end with it. What it had sent may arrive yet; answers to it do not.
    fn hang_up(&self, state: &mut State, broker: i32) {
        state.lines.retain(|(follower, leader), line| {
            let has_left = *follower == broker && matches!(line, Line::Question { .. });
            *leader != broker && (*follower != broker || has_left)
        });
        state.wishes.retain(|wish| wish.from != broker || !matches!(wish.stage, Stage::Answered(_)));
        for wish in state.wishes.iter_mut().filter(|wish| wish.from == broker) {
            wish.stage = Stage::GivenUp;
        }
    }
}
