//! A producer's numbers, two brokers, and a network between them: what can happen, and what must be true when it is over.

use std::collections::VecDeque;

use idempotence::producers::Unknown;
use idempotence::sequences::Identity;
use partitioning::ErrorCode;

use crate::brokers::{Partition, Request, Said};
use crate::client::{Client, End, Outcome};

const PARTITIONS: usize = 2;

/// Something that happens, and a number that says to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// A batch is begun.
    Send,
    /// The first that waits for a partition goes to whoever is thought to lead it.
    Leave,
    /// The same, and there is no way there.
    LeaveInVain,
    /// A broker takes the next request of its connection.
    Process,
    /// The same, and there are too few replicas for anything.
    TooFew,
    /// The same, and the batch is refused for good.
    TooLarge,
    /// The follower has copied everything.
    Replicate,
    /// The oldest answer of a connection arrives.
    Answer,
    /// The oldest answer of a connection does not wait for replicas any more.
    GiveUp,
    /// A connection ends.
    HangUp,
    /// A request arrives whose connection has ended.
    Late,
    /// The time of a batch is over.
    Expire,
    /// The follower falls behind, or is there again.
    InSync,
    /// The follower leads, and has everything.
    Move,
    /// The other one leads, whatever it has.
    MoveUncleanly,
    /// An old leader learns that it leads no more.
    Learn,
    /// The producer learns who leads.
    Ask,
    /// The producer learns who it is.
    Identity,
}

#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) unknown: Unknown,
    /// The first epoch of each id: with a late one they come to an end.
    pub(crate) first_epoch: i16,
    /// How long a late request can be late: whether it arrives in peace, too.
    pub(crate) is_late_in_peace: bool,
    /// Nothing happens for which a batch may be given up.
    pub(crate) is_calm: bool,
    pub(crate) events: Vec<(Event, u8)>,
}

/// What the lives were made of: a generator that idles proves nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Coverage {
    pub(crate) batches: u64,
    pub(crate) acknowledged: u64,
    pub(crate) failed: u64,
    pub(crate) in_doubt: u64,
    /// Batches that ended in doubt and are in the log.
    pub(crate) stored_all_the_same: u64,
    pub(crate) retries: u64,
    pub(crate) duplicates: u64,
    pub(crate) out_of_order: u64,
    pub(crate) old_epoch: u64,
    pub(crate) renumbered: u64,
    pub(crate) left_behind: u64,
    pub(crate) ids: u64,
    pub(crate) late: u64,
    pub(crate) lost: u64,
    /// Batches that an election took, and a late copy or another election brought back.
    pub(crate) found: u64,
}

impl Coverage {
    pub(crate) fn plus(self, other: Coverage) -> Coverage {
        Coverage {
            batches: self.batches + other.batches,
            acknowledged: self.acknowledged + other.acknowledged,
            failed: self.failed + other.failed,
            in_doubt: self.in_doubt + other.in_doubt,
            stored_all_the_same: self.stored_all_the_same + other.stored_all_the_same,
            retries: self.retries + other.retries,
            duplicates: self.duplicates + other.duplicates,
            out_of_order: self.out_of_order + other.out_of_order,
            old_epoch: self.old_epoch + other.old_epoch,
            renumbered: self.renumbered + other.renumbered,
            left_behind: self.left_behind + other.left_behind,
            ids: self.ids + other.ids,
            late: self.late + other.late,
            lost: self.lost + other.lost,
            found: self.found + other.found,
        }
    }
}

/// A request on a connection, and what the broker has said of it, if it has taken it.
struct OnItsWay {
    request: Request,
    said: Option<Said>,
}

pub(crate) struct World {
    client: Client,
    partitions: Vec<Partition>,
    /// Who leads, as the producer thinks.
    thought: [usize; PARTITIONS],
    /// To each broker one.
    connections: [VecDeque<OnItsWay>; 2],
    /// Requests whose connection has ended before they arrived, and where they go.
    late: Vec<(usize, Request)>,
    first_epoch: i16,
    pub(crate) coverage: Coverage,
}

impl World {
    pub(crate) fn new(life: &Life) -> Self {
        World {
            client: Client::new(PARTITIONS),
            partitions: vec![Partition::new(life.unknown); PARTITIONS],
            thought: [0; PARTITIONS],
            connections: [VecDeque::new(), VecDeque::new()],
            late: Vec::new(),
            first_epoch: life.first_epoch,
            coverage: Coverage::default(),
        }
    }

    pub(crate) fn happen(&mut self, event: Event, which: u8) {
        let which = usize::from(which);
        let (broker, partition) = (which % 2, which % PARTITIONS);
        match event {
            Event::Send => self.client.send(partition, 1 + which / 2 % 3),
            Event::Leave => drop(self.leave(partition)),
            Event::LeaveInVain => {
                if let Some(request) = self.client.leave(partition) {
                    self.client.told(request.number, &Outcome::NotSent);
                }
            }
            Event::Process => drop(self.process(broker, None)),
            Event::TooFew => drop(self.process(broker, Some(ErrorCode::NotEnoughReplicas))),
            Event::TooLarge => drop(self.process(broker, Some(ErrorCode::MessageTooLarge))),
            Event::Replicate => self.partitions[partition].replicate(),
            Event::Answer => drop(self.answer(broker, false)),
            Event::GiveUp => drop(self.answer(broker, true)),
            Event::HangUp => self.hang_up(broker),
            Event::Late if !self.late.is_empty() => {
                let at = which % self.late.len();
                self.arrive_late(at);
            }
            Event::Late => {}
            Event::Expire => self.client.expire(which % 4),
            Event::InSync => self.partitions[partition].toggle_in_sync(),
            Event::Move => self.partitions[partition].elect_other(false),
            Event::MoveUncleanly => self.partitions[partition].elect_other(true),
            Event::Learn => self.partitions[partition].old_leader_learns(),
            Event::Ask => self.thought[partition] = self.partitions[partition].leader,
            Event::Identity => self.introduce(),
        }
    }

    pub(crate) fn introduce(&mut self) {
        if self.client.sequences.wants_identity() {
            let producer_id = 7 + self.coverage.ids as i64;
            self.client.sequences.obtained(Identity { producer_id, epoch: self.first_epoch });
            self.coverage.ids += 1;
        }
    }

    /// Gives whether something has happened.
    fn leave(&mut self, partition: usize) -> bool {
        let ended = self.client.ends.len();
        let Some(request) = self.client.leave(partition) else { return self.client.ends.len() > ended };
        self.connections[self.thought[partition]].push_back(OnItsWay { request, said: None });
        true
    }

    fn process(&mut self, broker: usize, refusal: Option<ErrorCode>) -> bool {
        let Some(next) = self.connections[broker].iter_mut().find(|one| one.said.is_none()) else { return false };
        let partition = &mut self.partitions[next.request.partition];
        let said = refusal.map_or_else(|| partition.take(broker, &next.request), Said::Refused);
        next.said = Some(said);
        let (partition, number) = (next.request.partition, next.request.number);
        self.note(partition, broker, said, number);
        true
    }

    fn note(&mut self, partition: usize, broker: usize, said: Said, number: u64) {
        let log = &self.partitions[partition].logs[broker];
        let count = log.count(number);
        assert!(count <= 1, "batch {number} is there {count} times: {:?}", log.numbers());
        if let Said::Stored(offset) | Said::NotYet { base_offset: offset, .. } = said {
            assert_eq!(log.at(offset), Some(number), "batch {number} has an offset that is not its own");
        }
        match said {
            Said::Refused(ErrorCode::OutOfOrderSequenceNumber) => self.coverage.out_of_order += 1,
            Said::Refused(ErrorCode::InvalidProducerEpoch) => self.coverage.old_epoch += 1,
            Said::Stored(_) => self.coverage.duplicates += 1,
            _ => {}
        }
    }

    /// The oldest answer of a connection arrives, if there is one.
    fn answer(&mut self, broker: usize, is_given_up: bool) -> bool {
        let Some(OnItsWay { request, said: Some(said) }) = self.connections[broker].front() else { return false };
        let said = self.partitions[request.partition].look(broker, *said);
        if matches!(said, Said::NotYet { .. }) && !is_given_up {
            return false;
        }
        self.client.told(request.number, &Outcome::Said(said));
        self.connections[broker].pop_front();
        true
    }

    fn hang_up(&mut self, broker: usize) {
        for OnItsWay { request, said } in std::mem::take(&mut self.connections[broker]) {
            self.client.told(request.number, &Outcome::Lost);
            if said.is_none() {
                self.late.push((broker, request));
            }
        }
    }

    fn arrive_late(&mut self, at: usize) {
        let (broker, request) = self.late.swap_remove(at);
        let said = self.partitions[request.partition].take(broker, &request);
        self.note(request.partition, broker, said, request.number);
        self.coverage.late += 1;
    }

    /// All faults end, and all must end.
    pub(crate) fn make_peace(&mut self, is_late: bool) {
        for (partition, thought) in self.partitions.iter_mut().zip(&mut self.thought) {
            partition.old_leader_learns();
            partition.replicate();
            *thought = partition.leader;
        }
        for _ in 0..20 + 20 * self.client.batches() {
            self.introduce();
            let mut has_moved = false;
            for partition in 0..PARTITIONS {
                has_moved |= self.leave(partition);
                self.partitions[partition].replicate();
            }
            for broker in 0..2 {
                has_moved |= self.process(broker, None);
                self.partitions.iter_mut().for_each(Partition::replicate);
                has_moved |= self.answer(broker, false);
            }
            if is_late && !self.late.is_empty() {
                self.arrive_late(self.late.len() / 2);
            }
            if self.client.is_idle() {
                break;
            }
            assert!(has_moved || self.client.sequences.wants_identity(), "nothing moves, and not all has ended");
        }
        assert!(self.client.is_idle(), "not all has ended");
        while !self.late.is_empty() {
            self.arrive_late(0);
        }
    }

    /// Two exceptions from order. With another producer id nothing fences what ended in doubt under the one before. And a log
    /// that has forgotten a producer may take any number from it, if it is one that does.
    pub(crate) fn judge(&mut self, life: &Life) {
        assert_eq!(self.client.ends.len() as u64, self.client.batches(), "each batch has ended");
        for partition in &self.partitions {
            let numbers = partition.log().numbers();
            let may_be_late = |number: &u64| {
                let is_acknowledged = self.client.ends.get(number) == Some(&End::Acknowledged);
                self.coverage.ids > 1 && (!is_acknowledged || partition.lost.contains(number))
            };
            let in_order: Vec<u64> = numbers.iter().copied().filter(|number| !may_be_late(number)).collect();
            let is_free = life.unknown == Unknown::TakesAny && partition.has_forgotten;
            assert!(is_free || in_order.is_sorted(), "out of order: {numbers:?}");
            self.coverage.lost += partition.lost.len() as u64;
            self.coverage.found += partition.lost.iter().filter(|number| numbers.contains(number)).count() as u64;
        }
        let is_in = |partition: &Partition, number| partition.log().count(number) > 0;
        let is_in_any = |partition: &Partition, number| partition.logs.iter().any(|log| log.count(number) > 0);
        for (&number, end) in &self.client.ends {
            let is_there = self.partitions.iter().any(|partition| is_in(partition, number));
            let is_lost = self.partitions.iter().any(|partition| partition.lost.contains(&number));
            match end {
                End::Acknowledged => assert!(is_there || is_lost, "batch {number} was acknowledged, and is not there"),
                End::Failed => {
                    let is_there = self.partitions.iter().any(|partition| is_in_any(partition, number));
                    assert!(!is_there, "batch {number} failed for certain, and is there");
                }
                End::InDoubt => self.coverage.stored_all_the_same += u64::from(is_there),
            }
        }
        let mut ends = self.client.ends.values();
        assert!(!life.is_calm || ends.all(|end| *end == End::Acknowledged), "given up: {:?}", self.client.ends);
        let count = |wanted: End| self.client.ends.values().filter(|end| **end == wanted).count() as u64;
        self.coverage.acknowledged = count(End::Acknowledged);
        (self.coverage.failed, self.coverage.in_doubt) = (count(End::Failed), count(End::InDoubt));
        let Client { renumbered, left_behind, retries, .. } = self.client;
        self.coverage = Coverage { batches: self.client.batches(), renumbered, left_behind, retries, ..self.coverage };
    }
}
