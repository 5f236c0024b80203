//! Who is a member, and alive: registrations and heartbeats.
//!
//! ```text
//!                register            knows its own record                  wants to stop
//!   (unknown) ────────────▶ fenced ───────────────────────▶ active ────────────────────────▶ stopping
//!                             ▲ ▲                              │                                │ leads nothing,
//!                             │ └────── silent for too long ───┘                                │ or nobody can take it
//!                             └─────────────────────────────────────────────────────────────────┘
//! ```
//!
//! A broker is a member from its registration on, and *fenced*: it has no part in anything until it knows the metadata up to
//! its own registration. Each registration has an epoch, higher than all before it, and whoever speaks for an earlier one is
//! refused.
//!
//! A process that registers under a number that is taken gets it at once. It is the newer one: if the older one is still
//! there, it is refused from that moment. (Kafka lets the newer one wait until the session of the older one is over.)

use partitioning::{ErrorCode, Refusal};

use super::partition::{Gone, give_away, gone, hold_election};
use super::{Controller, Draft, Restart, Ruling};
use crate::api::{
    BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationRequest, BrokerRegistrationResponse,
};
use crate::machine::{Decided, Moment};
use crate::records::{BrokerRecord, ClusterId};

/// The most brokers. A decision can be about all partitions, each with a copy on every broker, and is one batch all the same:
/// with so many brokers that is some 20 MB at the most.
pub const MAX_BROKERS: usize = 100;

/// The longest address, in bytes: a host's name has at most 253, and a port at most 5.
const MAX_ADDRESS: usize = 259;

impl Controller {
    /// A process wants to be a broker of the cluster. If it was one in an earlier life, that is over from here on, and it is
    /// treated as the [policy](Restart) says. Asked twice by the same process, the answer is the same.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorCode::InvalidRequest) for a number or an address that cannot be, or if there are
    /// [`MAX_BROKERS`]; [`InconsistentClusterId`](ErrorCode::InconsistentClusterId).
    pub fn register(&mut self, request: BrokerRegistrationRequest, now: Moment) -> Ruling<BrokerRegistrationResponse> {
        self.judge_member(&request)?;
        self.judge_cluster(request.cluster)?;
        let cluster = self.state.cluster().unwrap_or_else(|| ClusterId(self.random.u128(1..)));
        // The folder of one that was a member says so. A new disk does not.
        let has_nothing = request.cluster.is_none();
        let BrokerRegistrationRequest { id, incarnation, address, stopped_in, .. } = request;
        let old = self.state.broker(id).cloned();
        if let Some(old) = old.as_ref().filter(|old| old.incarnation == incarnation) {
            self.sessions.hear(id, now);
            return Ok(Decided::nothing(BrokerRegistrationResponse { epoch: old.epoch, cluster }));
        }
        let epoch = self.state.brokers().values().map(|broker| broker.epoch + 1).max().unwrap_or(0);
        let kept = old.as_ref().filter(|_| self.config.restart == Restart::KeepsPlace);
        let fenced = kept.is_none_or(|old| old.fenced);
        self.sessions.begin(id, now);
        let mut draft = Draft::new(self);
        if self.state.cluster().is_none() {
            draft.set_cluster(cluster);
        }
        draft.set_broker(id, BrokerRecord { epoch, incarnation, address, fenced, stopping: false });
        if kept.is_some() {
            draft.elect_where_nobody_leads();
        } else {
            let is_in_order = old.as_ref().is_some_and(|old| stopped_in == Some(old.epoch));
            draft.leaves(id, if is_in_order { Gone::Away } else { Gone::Unclean });
        }
        if old.is_some() && has_nothing {
            draft.has_nothing(id);
        }
        Ok(draft.decided(BrokerRegistrationResponse { epoch, cluster }))
    }

    /// A broker says that it is alive, and how it is.
    ///
    /// # Errors
    ///
    /// [`BrokerIdNotRegistered`](ErrorCode::BrokerIdNotRegistered); [`StaleBrokerEpoch`](ErrorCode::StaleBrokerEpoch).
    pub fn heartbeat(&mut self, request: BrokerHeartbeatRequest, now: Moment) -> Ruling<BrokerHeartbeatResponse> {
        let BrokerHeartbeatRequest { id, epoch, knows_epoch, wants_to_stop, failed } = request;
        let broker = self.member(id, epoch)?.clone();
        self.sessions.hear(id, now);
        let is_news = self.sessions.set_failed(id, self.copies_among(id, &failed));
        let mut draft = Draft::new(self);
        if is_news {
            draft.logs_of(id);
        }
        let may_stop = match (wants_to_stop, broker.fenced) {
            (true, true) => true,
            (true, false) => draft.stops(id, broker),
            (false, true) if knows_epoch == Some(epoch) && !broker.stopping => {
                draft.set_broker(id, BrokerRecord { fenced: false, ..broker });
                draft.elect_where_nobody_leads();
                false
            }
            (false, _) => false,
        };
        let is_fenced = draft.broker(id).is_none_or(|broker| broker.fenced);
        Ok(draft.decided(BrokerHeartbeatResponse { is_fenced, may_stop }))
    }

    /// The broker that speaks in this epoch.
    ///
    /// # Errors
    ///
    /// [`BrokerIdNotRegistered`](ErrorCode::BrokerIdNotRegistered); [`StaleBrokerEpoch`](ErrorCode::StaleBrokerEpoch).
    pub fn member(&self, id: i32, epoch: i64) -> Result<&BrokerRecord, Refusal> {
        match self.state.broker(id) {
            None => Err(ErrorCode::BrokerIdNotRegistered.because(format!("broker {id} has not registered"))),
            Some(broker) if broker.epoch != epoch => Err(ErrorCode::StaleBrokerEpoch
                .because(format!("broker {id} speaks in epoch {epoch}, and is in epoch {}", broker.epoch))),
            Some(broker) => Ok(broker),
        }
    }

    fn judge_member(&self, request: &BrokerRegistrationRequest) -> Result<(), Refusal> {
        let refuse = |rule: String| Err(ErrorCode::InvalidRequest.because(rule));
        let (id, address) = (request.id, &request.address);
        if id < 0 || id == self.config.node_id {
            let rule = "it is at least 0, and not the controller's own";
            return refuse(format!("node.id = {id} is no broker's number: {rule}"));
        }
        if !(1..=MAX_ADDRESS).contains(&address.len()) || !address.bytes().all(|byte| byte.is_ascii_graphic()) {
            let shown = partitioning::topics::name::shown(address);
            return refuse(format!("`{shown}` is no address: it has 1 to {MAX_ADDRESS} visible ASCII characters"));
        }
        if self.state.broker(id).is_none() && self.state.brokers().len() >= MAX_BROKERS {
            return refuse(format!("broker {id} cannot join: there are {MAX_BROKERS} brokers, which is the most"));
        }
        Ok(())
    }

    /// A broker that has data has them from some cluster. That must be this one.
    fn judge_cluster(&self, its: Option<ClusterId>) -> Result<(), Refusal> {
        let Some(its) = its.filter(|its| self.state.cluster() != Some(*its)) else { return Ok(()) };
        let here = match self.state.cluster() {
            Some(here) => format!("this is cluster {here}"),
            None => "this cluster begins only now".to_owned(),
        };
        Err(ErrorCode::InconsistentClusterId.because(format!("the broker's data are of cluster {its}, and {here}")))
    }
}

impl Draft<'_> {
    /// A broker has said anew which of its copies it can use.
    fn logs_of(&mut self, id: i32) {
        for at in self.copies_of(id) {
            let has_failed = self.partition(&at).is_some_and(|record| self.has_failed(id, &at, record));
            self.change(&at, |record, may_lead, rules| match has_failed {
                // What it cannot use may be anything by the time that it can.
                true => gone(record, id, Gone::Unclean, may_lead, rules),
                false if record.leader.is_none() => hold_election(record, rules.usual(), may_lead, rules),
                false => None,
            });
        }
    }

    /// A broker wants to stop. First it gives away what it leads, where another is in sync, and leaves the ISRs. As long as that
    /// moves a leader, it is to wait: clients and followers have to learn of the new one, and they have until it asks again.
    /// (Kafka waits until all brokers know.) Then it is fenced, and what nobody could take has no leader. Gives whether it may
    /// stop.
    fn stops(&mut self, id: i32, broker: BrokerRecord) -> bool {
        self.set_broker(id, BrokerRecord { stopping: true, ..broker });
        let mut has_moved = false;
        for at in self.counted_on(id) {
            let led = self.partition(&at).is_some_and(|record| record.leader == Some(id));
            has_moved |= self.change(&at, |record, may_lead, rules| give_away(record, id, may_lead, rules)) && led;
        }
        if !has_moved {
            self.fence(&[id]);
        }
        !has_moved
    }
}
