//! Three real replicas and a real controller.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use replication::api::FollowerFetched;
use replication::leader::LeaderConfig;
use replication::replica::Ask;
use stateright::Model;
use tokio::time::{Instant, advance};

use super::controller::ControllerTwin;
use super::replica::{Twin, entries};
use crate::protocol::Protocol;
use crate::protocol::action::Action;
use crate::protocol::state::{Answer, Decision, Found, Line, Process, Role, Stage, State, Wish};

/// See the [module](self).
pub(super) struct Cluster {
    replicas: Vec<Twin>,
    controller: ControllerTwin,
    /// What real leaders have answered, where the model has an answer under way.
    answers: BTreeMap<(i32, i32), FollowerFetched>,
    config: LeaderConfig,
}

impl Cluster {
    pub(super) fn new(protocol: &Protocol, state: &State) -> Self {
        let (began, truncation) = (Instant::now(), protocol.policy.truncation());
        let config = LeaderConfig { lag_time_max: Duration::ZERO, min_in_sync: protocol.bounds.min_in_sync };
        let mut replicas: Vec<_> = state.ids().map(|id| Twin::new(id, truncation, began)).collect();
        for replica in &mut replicas {
            replica.start(0);
            replica.take_role(state.decided(), config);
        }
        let controller = ControllerTwin::new(protocol, state.decided());
        Cluster { replicas, controller, answers: BTreeMap::new(), config }
    }

    fn replica(&mut self, id: i32) -> &mut Twin {
        &mut self.replicas[id as usize - 1]
    }

    /// Does what the model has done.
    pub(super) async fn does(&mut self, before: &State, action: Action, after: &State, story: &str) {
        match action {
            Action::Produce { to } => self.replica(to).append(before.produced),
            Action::Ask { .. } => {}
            Action::Serve { follower, leader } => self.serve(before, (follower, leader), after, story),
            Action::Copy { follower, leader } => {
                let (asked, _) = answer(before, (follower, leader));
                let fetched = self.answers.remove(&(follower, leader)).expect("it was answered");
                let copied = self.replica(follower).copy(asked, fetched);
                assert!(copied, "the model takes the answer, and the replica does not:\n{story}");
            }
            Action::Look { leader } => self.replica(leader).look_around(),
            Action::Wish { .. } | Action::Decide { .. } | Action::Hear { .. } | Action::GiveUp { .. } => {
                self.wish(before, action, after, story);
            }
            Action::Learn { broker, decision } => {
                let config = self.config;
                self.replica(broker).take_role(&before.decisions[decision], config);
            }
            Action::Fence { broker } => self.controller.fence(broker),
            Action::Unfence { broker } => self.controller.unfence(broker),
            Action::Prefer => self.controller.prefer(),
            Action::Crash { broker, keep, .. } => self.replica(broker).crash(keep),
            Action::Start { broker } => {
                self.controller.register(broker);
                let (config, stored) = (self.config, before.broker(broker).disk.high_watermark);
                self.replica(broker).start(stored);
                self.replica(broker).take_role(after.decided(), config);
            }
            Action::Tick => advance(Duration::from_secs(1)).await,
        }
    }

    fn serve(&mut self, before: &State, line: (i32, i32), after: &State, story: &str) {
        let (ask, broker_epoch) = question(before, line);
        let fetched = self.replica(line.1).serve(line.0, broker_epoch, ask);
        let fetched =
            fetched.unwrap_or_else(|refusal| panic!("the model answers, and the replica says {refusal}:\n{story}"));
        // If nobody waits for the answer any more, the model has forgotten it.
        if after.lines.contains_key(&line) {
            let (_, answer) = answer(after, line);
            assert_eq!(modelled(&fetched), *answer, "{story}");
            self.answers.insert(line, fetched);
        }
    }

    fn wish(&mut self, before: &State, action: Action, after: &State, story: &str) {
        match action {
            Action::Wish { leader } => {
                let wish = &after.wishes[after.wishes.len() - 1];
                assert_eq!(self.replica(leader).wish().as_ref(), Some(&wish.request), "{story}");
            }
            Action::Decide { wish } => {
                let asked = &before.wishes[wish];
                let answer = self.controller.alter(asked);
                if asked.stage == Stage::Asked {
                    let is_it = |wish: &&Wish| wish.from == asked.from && matches!(wish.stage, Stage::Answered(_));
                    let modelled = after.wishes.iter().find(is_it).map(|wish| &wish.stage);
                    assert_eq!(modelled, Some(&Stage::Answered(answer)), "{story}");
                }
            }
            Action::Hear { wish } => {
                let asked = &before.wishes[wish];
                let Stage::Answered(answer) = asked.stage.clone() else { panic!("no answer is under way:\n{story}") };
                self.replica(asked.from).answered(&asked.request, answer.map_err(Some));
            }
            Action::GiveUp { wish } => {
                let asked = &before.wishes[wish];
                self.replica(asked.from).answered(&asked.request, Err(None));
            }
            _ => {}
        }
    }

    /// What the model refuses is refused: questions to whoever does not lead in their epoch, and answers that come too late. Gives
    /// how many there were.
    pub(super) fn refuses(&mut self, protocol: &Protocol, state: &State, story: &str) -> usize {
        let mut refused = 0;
        for (&line, message) in &state.lines {
            let (follower, leader) = line;
            let is_refused = match message {
                Line::Question { ask, broker_epoch } => {
                    let action = Action::Serve { follower, leader };
                    let is_possible = protocol.next_state(state, action).is_some();
                    !is_possible
                        && self
                            .replica(leader)
                            .serve(follower, *broker_epoch, *ask)
                            .map_or(true, |_| panic!("{action:?}:\n{story}"))
                }
                Line::Answer { ask, .. } => {
                    let action = Action::Copy { follower, leader };
                    let is_possible = protocol.next_state(state, action).is_some();
                    let fetched = self.answers[&line].clone();
                    let is_taken = !is_possible && self.replica(follower).copy(*ask, fetched);
                    assert!(!is_taken, "{action:?}:\n{story}");
                    !is_possible
                }
            };
            refused += usize::from(is_refused);
        }
        refused
    }

    /// All must be as in the model.
    pub(super) fn must_be_as(&mut self, state: &State, story: &str) {
        self.answers.retain(|line, _| matches!(state.lines.get(line), Some(Line::Answer { .. })));
        for broker in &state.brokers {
            let twin = self.replica(broker.id);
            match &broker.process {
                Some(Process { role: Role::Failed { .. }, .. }) => twin.fail(),
                Some(process) => twin.must_be_as(&broker.disk, process, story),
                None => {}
            }
        }
        let decided: &Arc<Decision> = state.decisions.last().expect("there is a first decision");
        self.controller.must_be_as(decided, story);
    }
}

fn question(state: &State, line: (i32, i32)) -> (Ask, i64) {
    match &state.lines[&line] {
        Line::Question { ask, broker_epoch } => (*ask, *broker_epoch),
        Line::Answer { .. } => panic!("an answer is under way, and no question"),
    }
}

fn answer(state: &State, line: (i32, i32)) -> (Ask, &Answer) {
    match &state.lines[&line] {
        Line::Answer { ask, answer } => (*ask, answer),
        Line::Question { .. } => panic!("a question is under way, and no answer"),
    }
}

/// A real answer, as the model would have it.
fn modelled(fetched: &FollowerFetched) -> Answer {
    use replication::api::FetchFound;
    let found = match &fetched.found {
        FetchFound::Records(records) => Found::Records(entries(&records.0)),
        FetchFound::Diverging(at) => Found::Diverging(*at),
        FetchFound::OutOfRange { end } => Found::OutOfRange { end: *end },
    };
    Answer { found, high_watermark: fetched.high_watermark }
}
