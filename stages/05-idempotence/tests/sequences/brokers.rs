//! Two brokers, and what each of them holds of a few partitions.
//!
//! One copy leads, the other follows, and both judge with stage 05's own state of producers. A broker goes on believing that it
//! leads until it learns that it does not: so two can take batches at a time, and what the old one takes is lost. What is
//! committed is lost only in an unclean election.

use std::collections::BTreeSet;

use idempotence::producers::{Judgement, Numbered, Producers, ProducersConfig, Unknown};
use partitioning::ErrorCode;
use partitioning::producer::sequencing::Stamp;
use segment_log::{Appended, Batch, BatchBuilder, Compression, Fold, Record};

/// A batch on its way.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) partition: usize,
    /// The producer's own count of its batches.
    pub(crate) number: u64,
    pub(crate) batch: Batch,
}

impl Request {
    pub(crate) fn new(partition: usize, number: u64, stamp: Stamp, records: usize) -> Self {
        let Stamp { producer_id, epoch, base_sequence } = stamp;
        let mut builder = BatchBuilder::new(Compression::None).producer(producer_id, epoch, base_sequence);
        for _ in 0..records {
            builder.push(&Record::new(0, None, number.to_string()));
        }
        Request { partition, number, batch: builder.build().expect("nothing is compressed") }
    }
}

/// What a broker says of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// It is there, from this offset on.
    Stored(i64),
    Refused(ErrorCode),
    /// The answer has to wait until the high watermark is there, and then is this offset.
    NotYet {
        base_offset: i64,
        end: i64,
        /// In which of its times as the leader the broker has taken it.
        reign: u32,
    },
}

/// A batch in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    number: u64,
    base_offset: i64,
    end: i64,
}

/// One broker's log of a partition.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    entries: Vec<Entry>,
    producers: Producers,
    end: i64,
    high_watermark: i64,
    /// The broker thinks that it leads the partition.
    leads: bool,
    /// How often it was made the leader.
    reign: u32,
}

impl Log {
    fn new(unknown: Unknown) -> Self {
        let producers = Producers::new(ProducersConfig { unknown, ..ProducersConfig::default() });
        Log { entries: Vec::new(), producers, end: 0, high_watermark: 0, leads: false, reign: 0 }
    }

    /// The batches' numbers, in the order of the log.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.entries.iter().map(|entry| entry.number).collect()
    }

    /// How often it has the batch.
    pub(crate) fn count(&self, number: u64) -> usize {
        self.entries.iter().filter(|entry| entry.number == number).count()
    }

    /// The number of the batch that begins at the offset.
    pub(crate) fn at(&self, offset: i64) -> Option<u64> {
        self.entries.iter().find(|entry| entry.base_offset == offset).map(|entry| entry.number)
    }

    fn committed(&self) -> impl Iterator<Item = u64> {
        let below = |entry: &&Entry| entry.end <= self.high_watermark;
        self.entries.iter().filter(below).map(|entry| entry.number)
    }

    /// The ids of the producers that it knows.
    fn known(&self) -> BTreeSet<i64> {
        self.producers.iter().map(|(id, _)| id).collect()
    }

    fn take(&mut self, request: &Request) -> Said {
        let numbered = Numbered::of(&request.batch.view()).expect("it is numbered");
        let at = match self.producers.judge(&numbered) {
            Judgement::OutOfOrder { .. } => return Said::Refused(ErrorCode::OutOfOrderSequenceNumber),
            Judgement::OldEpoch { .. } => return Said::Refused(ErrorCode::InvalidProducerEpoch),
            Judgement::Duplicate(at) => at,
            Judgement::Next => self.write(request),
        };
        let (base_offset, end, reign) = (at.base_offset, at.last_offset + 1, self.reign);
        if end <= self.high_watermark { Said::Stored(base_offset) } else { Said::NotYet { base_offset, end, reign } }
    }

    fn write(&mut self, request: &Request) -> Appended {
        let mut batch = request.batch.clone();
        batch.set_place(self.end, 0);
        let at = Appended::of(&batch.view());
        self.producers.apply(&batch.view(), &at);
        self.end = at.last_offset + 1;
        self.entries.push(Entry { number: request.number, base_offset: at.base_offset, end: self.end });
        at
    }
}

/// A partition: broker 0's log and broker 1's.
#[derive(Debug, Clone)]
pub(crate) struct Partition {
    pub(crate) logs: [Log; 2],
    pub(crate) leader: usize,
    /// The other one follows and counts. If not, what the leader has is committed.
    is_in_sync: bool,
    /// Batches that were committed when an unclean election took them away. Late copies may bring them back.
    pub(crate) lost: BTreeSet<u64>,
    /// A log was made the leader's that does not know a producer id that the one before knew.
    pub(crate) has_forgotten: bool,
}

impl Partition {
    pub(crate) fn new(unknown: Unknown) -> Self {
        let mut logs = [Log::new(unknown), Log::new(unknown)];
        logs[0].leads = true;
        Partition { logs, leader: 0, is_in_sync: true, lost: BTreeSet::new(), has_forgotten: false }
    }

    pub(crate) fn log(&self) -> &Log {
        &self.logs[self.leader]
    }

    /// A broker judges a batch.
    pub(crate) fn take(&mut self, broker: usize, request: &Request) -> Said {
        let log = &mut self.logs[broker];
        if log.leads { log.take(request) } else { Said::Refused(ErrorCode::NotLeaderOrFollower) }
    }

    /// What a broker says by now of a batch whose answer had to wait.
    pub(crate) fn look(&self, broker: usize, said: Said) -> Said {
        let Said::NotYet { base_offset, end, reign } = said else { return said };
        let log = &self.logs[broker];
        match () {
            () if !log.leads || log.reign != reign => Said::Refused(ErrorCode::NotLeaderOrFollower),
            () if end <= log.high_watermark => Said::Stored(base_offset),
            () => said,
        }
    }

    /// The follower copies, if there is one, and what the leader has is committed.
    pub(crate) fn replicate(&mut self) {
        let log = &mut self.logs[self.leader];
        log.high_watermark = log.end;
        if self.is_in_sync && !self.is_copied() {
            let reign = self.logs[1 - self.leader].reign;
            self.logs[1 - self.leader] = Log { leads: false, reign, ..self.log().clone() };
        }
    }

    fn is_copied(&self) -> bool {
        let [one, other] = &self.logs;
        !self.logs[1 - self.leader].leads
            && one.high_watermark == other.high_watermark
            && one.entries == other.entries
            && one.producers == other.producers
    }

    /// The follower falls behind, or is as far as the leader again.
    pub(crate) fn toggle_in_sync(&mut self) {
        self.is_in_sync = !self.is_in_sync;
        if self.is_in_sync {
            self.replicate();
        }
    }

    /// The old leader hears that it is none.
    pub(crate) fn old_leader_learns(&mut self) {
        self.logs[1 - self.leader].leads = false;
    }

    /// The other one leads. If it had not everything that was committed, that is lost.
    pub(crate) fn elect_other(&mut self, unclean: bool) {
        if !self.is_in_sync && !unclean {
            return;
        }
        let before = self.log().committed().collect::<BTreeSet<_>>();
        let known = self.log().known();
        self.leader = 1 - self.leader;
        let log = &mut self.logs[self.leader];
        (log.leads, log.reign) = (true, log.reign + 1);
        log.high_watermark = log.high_watermark.min(log.end);
        let now: BTreeSet<u64> = log.entries.iter().map(|entry| entry.number).collect();
        self.lost.extend(before.difference(&now));
        self.has_forgotten |= !known.is_subset(&self.log().known());
    }
}
