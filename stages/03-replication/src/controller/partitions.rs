//! What leaders and operators ask for partitions: other lists in sync, other leaders, other brokers. Each request names some,
//! and each of these is answered by itself: one that is refused keeps no other from being changed.

use std::collections::BTreeSet;

use partitioning::api::{TopicId, TopicPartition};
use partitioning::{ErrorCode, Refusal};

use super::alter::alter;
use super::election::Election;
use super::partition::hold_election;
use super::reassignment::{begin, cancel};
use super::{Controller, Draft, Ruling};
use crate::api::{
    AlterPartitionRequest, AlterPartitionsRequest, AlterPartitionsResponse, ElectLeadersRequest, ElectLeadersResponse,
    ElectionType, ReassignRequest, ReassignResponse,
};
use crate::machine::Moment;
use crate::records::PartitionRecord;

/// What becomes of a partition.
type Changed = Result<PartitionRecord, Refusal>;

impl Controller {
    /// A leader asks for other lists of replicas in sync. Whoever completes a move with it, and does not lead any more after
    /// that, is told so ([`NewLeaderElected`](ErrorCode::NewLeaderElected)), though it is done.
    ///
    /// # Errors
    ///
    /// Those of [`heartbeat`](Self::heartbeat). For each partition those of [`alter`](mod@super::alter), and
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition),
    /// [`InconsistentTopicId`](ErrorCode::InconsistentTopicId).
    pub fn alter_partitions(
        &mut self,
        request: AlterPartitionsRequest,
        _now: Moment,
    ) -> Ruling<AlterPartitionsResponse> {
        let from = request.broker;
        self.member(from, request.broker_epoch)?;
        let mut draft = Draft::new(self);
        let mut once = Once::default();
        let mut one = |(at, topic, wish): (TopicPartition, TopicId, AlterPartitionRequest)| {
            let altered = once.judge(&at).and_then(|()| draft.alter(&at, topic, &wish, from));
            (at, altered)
        };
        let partitions = request.partitions.into_iter().map(&mut one).collect();
        Ok(draft.decided(AlterPartitionsResponse { partitions }))
    }

    /// An operator asks for leaders.
    ///
    /// # Errors
    ///
    /// For each partition: [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition);
    /// [`ElectionNotNeeded`](ErrorCode::ElectionNotNeeded) if the preferred leader leads, or if anybody does where an unclean
    /// election was asked for; [`PreferredLeaderNotAvailable`](ErrorCode::PreferredLeaderNotAvailable),
    /// [`EligibleLeadersNotAvailable`](ErrorCode::EligibleLeadersNotAvailable).
    pub fn elect_leaders(&mut self, request: ElectLeadersRequest, _now: Moment) -> Ruling<ElectLeadersResponse> {
        let mut draft = Draft::new(self);
        let mut once = Once::default();
        let mut one = |at: TopicPartition| {
            let elected = once.judge(&at).and_then(|()| draft.elect(&at, request.election));
            (at, elected)
        };
        let partitions = request.partitions.into_iter().map(&mut one).collect();
        Ok(draft.decided(ElectLeadersResponse { partitions }))
    }

    /// An operator moves partitions to other brokers, or calls that off.
    ///
    /// # Errors
    ///
    /// For each partition: [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition), and those of
    /// [`begin`] and [`cancel`].
    pub fn reassign(&mut self, request: ReassignRequest, _now: Moment) -> Ruling<ReassignResponse> {
        let mut draft = Draft::new(self);
        let mut once = Once::default();
        let mut one = |(at, target): (TopicPartition, Option<Vec<i32>>)| {
            let moved = once.judge(&at).and_then(|()| draft.reassign(&at, target.as_deref()));
            (at, moved)
        };
        let partitions = request.partitions.into_iter().map(&mut one).collect();
        Ok(draft.decided(ReassignResponse { partitions }))
    }
}

impl Draft<'_> {
    fn alter(&mut self, at: &TopicPartition, topic: TopicId, wish: &AlterPartitionRequest, from: i32) -> Changed {
        let record = self.find(at)?;
        if record.topic != topic {
            let message = format!("{at} is of the topic {}, and broker {from} asks for one of {topic}", record.topic);
            return Err(ErrorCode::InconsistentTopicId.because(message));
        }
        let next = alter(record, wish, from, self.brokers_before(), self.rules(&at.topic))?;
        if let Some((id, _)) = wish.in_sync.iter().find(|(id, _)| self.has_failed(*id, at, record)) {
            let message = format!("broker {id} cannot be in sync: it cannot use its log of {at}");
            return Err(ErrorCode::IneligibleReplica.because(message));
        }
        let next = self.keep(at, next);
        match next.leader == Some(from) {
            true => Ok(next),
            false => Err(ErrorCode::NewLeaderElected.because(format!(
                "the list is granted. It has completed a move of {at}, and broker {from} leads no more"
            ))),
        }
    }

    fn elect(&mut self, at: &TopicPartition, election: ElectionType) -> Changed {
        let record = self.find(at)?;
        let is_needed = match election {
            ElectionType::Preferred => record.leader != record.replicas.first().copied(),
            ElectionType::Unclean => record.leader.is_none(),
        };
        if !is_needed {
            return Err(ErrorCode::ElectionNotNeeded.because(format!("{at} has the leader that it should have")));
        }
        let (election, code, who) = match election {
            ElectionType::Preferred => {
                (Election::Preferred, ErrorCode::PreferredLeaderNotAvailable, "its preferred leader is not")
            }
            ElectionType::Unclean => {
                (Election::Unclean, ErrorCode::EligibleLeadersNotAvailable, "none of its replicas is")
            }
        };
        let next = hold_election(record, election, |id| self.may_lead(id, at, record), self.rules(&at.topic));
        // One that would leave nobody is not held.
        let next = next.filter(|next| next.leader.is_some());
        let next = next.ok_or_else(|| code.because(format!("{at} gets no other leader: {who} able to lead")))?;
        Ok(self.keep(at, next))
    }

    fn reassign(&mut self, at: &TopicPartition, target: Option<&[i32]>) -> Changed {
        let (record, rules) = (self.find(at)?, self.rules(&at.topic));
        let may_lead = |id| self.may_lead(id, at, record);
        let next = match target {
            Some(target) => begin(record, target, |id| self.broker(id).is_some(), may_lead, rules),
            None => cancel(record, may_lead, rules),
        };
        let next = next.map_err(|refusal| refusal.code.because(format!("{at}: {}", refusal.message)))?;
        let unchanged = record.clone();
        Ok(next.map_or(unchanged, |next| self.keep(at, next)))
    }

    fn keep(&mut self, at: &TopicPartition, next: PartitionRecord) -> PartitionRecord {
        self.set_partition(at.clone(), Some(next.clone()));
        next
    }
}

/// Sees to it that a request names each partition once.
#[derive(Debug, Default)]
struct Once(BTreeSet<TopicPartition>);

impl Once {
    fn judge(&mut self, at: &TopicPartition) -> Result<(), Refusal> {
        match self.0.insert(at.clone()) {
            true => Ok(()),
            false => Err(ErrorCode::InvalidRequest.because(format!("{at} is named twice in one request"))),
        }
    }
}
