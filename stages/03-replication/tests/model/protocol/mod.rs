//! All that can happen to one partition, within bounds: a model of the replication protocol, for a model checker.
//!
//! A simulation plays many lives of a cluster, and chance decides what happens next. A model checker plays *all* of them. From a
//! state it takes every step that is possible, and from each state that it comes to again, until there is none that it has not
//! seen. What it says then is no statistics: within the bounds, a promise that was not broken cannot be. And what breaks one is
//! shown on a shortest way: one event less, and all would have been well.
//!
//! ```text
//!                                  ┌─ a client writes ──▶ ○ ─┬─ 2 asks ──▶ ○ ─▶ …
//!   ○ the partition is new ────────┼─ 2 asks 1 ─────────▶ ○  └─ 1 dies ──▶ ○ ─▶ …       in each state all promises are
//!                                  ├─ 1 is taken for dead ▶ ○ ─▶ …                       looked at ([`promises`])
//!                                  └─ …
//! ```
//!
//! **What decides is the stage's own code.** The states hold its `Leader`s and `LeaderEpochs`, and each step calls what a broker
//! calls: `Leader::{on_fetch, on_append, propose, on_answer, on_record}`, `LeaderEpochs::{learn, note, before, take_in, truncate}`,
//! `judge_fetch` (and with it `end_of`), `truncation_point`, `follower_high_watermark`; and of the controller `created`, `gone`,
//! `hold_election` (and with it `elect`), `alter`. A model that was written beside the code would prove something about itself.
//!
//! **What stands in for something.** Around these functions are the few lines in which a replica and the controller call them,
//! in the same order ([`replica`], [`controller`]). They cannot be the stage's, as those hold files and locks, and a state must
//! be copied and compared. So chance walks through the model and through real replicas side by side (`tests/model/walks.rs`),
//! and both must come to the same. A log is a list of records, one a batch. The metadata log is a list of decisions, which each
//! broker reads at its own pace. Messages are late, are lost, and overtake each other. Nothing is ever flushed, so whoever dies
//! may lose any suffix of its log; what is written beside it was flushed.
//!
//! **How so much fits.** What is the same from then on must be one state, or the search never ends. A message that can do
//! nothing any more is forgotten at once; so is a decision that all have read, and news that are none to a broker are read
//! without a step. A message that is lost and one that never arrives are the same: so nothing is lost expressly, but a new one
//! takes the place of an old one. Dying and starting again take no time between them that anybody else would notice, other than
//! as silence. Within the bounds, all this leaves out states, and no behaviour.
//!
//! **What the model does not see**, and a simulation must: more than one partition, and what is asked for several at once;
//! batches of several records, and answers cut off in the middle of one; retention, and logs that begin later than at 0; the
//! files themselves, torn or damaged; the metadata log's own replication (stage 08); stops in order, reassignments, and logs
//! that failed; a broker that reads old decisions after a restart; clients that retry; time, other than as a limit that passes or
//! does not; that anything ever happens (liveness), but for one dead end ([`promises::CUTS`]): a cluster that stands still for
//! ever breaks no promise. And all that lies beyond the bounds.
//!
//! | file | what is in it |
//! |---|---|
//! | [`state`], [`action`], [`step`], [`settle`] | what there is, what can happen, what comes of it |
//! | [`replica`], [`controller`] | the lines around the stage's functions |
//! | [`promises`], [`coverage`] | what must hold, and how one knows that something happened |
//! | [`policy`], [`scenarios`] | the protocol as it must not be, and how that is found out |
//! | [`bounds`], [`run`], [`picture`] | how far to search; searching; what was found, in words |

pub(crate) mod action;
pub(crate) mod bounds;
mod controller;
pub(crate) mod coverage;
mod picture;
pub(crate) mod policy;
pub(crate) mod promises;
mod replica;
pub(crate) mod run;
pub(crate) mod scenarios;
mod settle;
pub(crate) mod state;
mod step;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use replication::controller::election::ElectionRules;
use replication::epochs::LeaderEpochs;
use replication::leader::{LeaderConfig, Uptime};
use stateright::{Model, Property};

use action::Action;
use bounds::Bounds;
use coverage::Coverage;
use policy::Policy;
use state::{Broker, Decision, Disk, Process, Role, State};

/// See the [module](self).
pub(crate) struct Protocol {
    pub bounds: Bounds,
    pub policy: Policy,
    /// What has happened in all states together.
    pub coverage: Coverage,
}

impl Protocol {
    pub(crate) fn new(policy: Policy, bounds: Bounds) -> Self {
        Protocol { bounds, policy, coverage: Coverage::default() }
    }

    fn rules(&self) -> ElectionRules {
        self.policy.rules(self.bounds.min_in_sync)
    }

    fn leader_config(&self) -> LeaderConfig {
        // Time goes by in steps that are longer.
        LeaderConfig { lag_time_max: Duration::ZERO, min_in_sync: self.bounds.min_in_sync }
    }

    fn now(state: &State) -> Uptime {
        Uptime::from_secs(u64::from(state.clock))
    }

    /// The partition was made just now, and everybody has heard of it.
    fn first(&self) -> State {
        let first = Decision::first(self.bounds.replicas);
        let broker = |id: i32| {
            let role = Role::Waiting { epoch: -1 };
            let epochs = LeaderEpochs::default();
            let process = Process { broker_epoch: first.brokers[&id].epoch, knows: 0, epochs, high_watermark: 0, role };
            let disk = Disk { log: Vec::new(), noted: Vec::new(), high_watermark: 0 };
            let mut broker = Broker { id, disk, process: Some(process) };
            broker.take_role(&first, self.leader_config(), self.policy, Uptime::ZERO);
            Arc::new(broker)
        };
        State {
            brokers: (1..=self.bounds.replicas).map(broker).collect(),
            decisions: vec![Arc::new(first.clone())],
            lines: BTreeMap::new(),
            wishes: Vec::new(),
            clock: 0,
            produced: 0,
            fenced: 0,
            crashed: 0,
            committed: Vec::new(),
            went_back: false,
        }
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.first()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.possible(state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        self.step(&mut next, action)?;
        self.settle(state, &mut next);
        self.coverage.note(state, action, &next);
        Some(next)
    }

    fn format_step(&self, before: &State, action: Action) -> Option<String> {
        let after = self.next_state(before, action)?;
        Some(format!("{}\n\n{after:?}", picture::describe(before, action, &after)))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        promises::all()
    }
}
