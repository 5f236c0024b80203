//! The coordinators of a broker: one for each partition of `__transaction_state` that it leads.
//!
//! ```text
//!   metadata: __transaction_state-17 is led here ──▶ replays it ──▶ coordinates ──▶ another epoch, or another leader: ends
//!                                                      │                                                     │
//!                              COORDINATOR_LOAD_IN_PROGRESS                              NOT_COORDINATOR ◀───┘
//! ```
//!
//! What a coordinator knows is what its log says, so there is nothing to hand over. The next one replays, and has it. As long as it
//! replays, whoever asks is told to ask again.
//!
//! Each has a task beside it that carries out what is decided ([`markers`](crate::markers)).
//!
//! A log that cannot be read, or takes nothing any more, is tried again, as it may have been a moment's trouble. But not at once: a damaged
//! one stays damaged.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use partitioning::{ErrorCode, Host, Partition, Partitions, Refusal, Result, TopicPartition};
use replication::machine::{Runner, RunnerConfig};
use replication::metadata::Image;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{info, warn};

use crate::coordinator::{Coordinator, CoordinatorConfig};
use crate::markers::carry_out;
use crate::peers::Peers;
use crate::placing::partition_for;

/// The topic that coordinators keep their decisions in.
pub const TRANSACTION_STATE: &str = "__transaction_state";

/// How long to wait before what failed is begun again.
const AGAIN: Duration = Duration::from_secs(1);

/// See the [module](self). Clones lead to the same ones.
#[derive(Clone)]
pub(crate) struct Coordinators {
    host: Host,
    id: i32,
    config: CoordinatorConfig,
    partitions: Arc<dyn Partitions>,
    peers: Peers,
    led: Arc<Mutex<BTreeMap<u32, Led>>>,
}

/// A partition that is led here.
#[derive(Debug)]
struct Led {
    epoch: i32,
    /// `None` while it is replayed.
    running: Option<Seat>,
    /// Ends its tasks when this is dropped.
    _stop: DropGuard,
}

/// The way to a coordinator.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    /// Has it decide.
    pub(crate) runner: Runner<Coordinator>,
    /// Tells that something was decided that is to be carried out.
    pub(crate) decided: Arc<Notify>,
}

/// One has ended: which, in which epoch, and why.
type Ended = (u32, i32, Result<(), Refusal>);

impl Coordinators {
    pub(crate) fn new(
        host: Host,
        id: i32,
        config: CoordinatorConfig,
        partitions: Arc<dyn Partitions>,
        peers: Peers,
    ) -> Self {
        Coordinators { host, id, config, partitions, peers, led: Arc::default() }
    }

    /// The coordinator of a transactional id.
    ///
    /// # Errors
    ///
    /// [`NotCoordinator`](ErrorCode::NotCoordinator) if it is elsewhere,
    /// [`CoordinatorLoadInProgress`](ErrorCode::CoordinatorLoadInProgress) if it does not know everything yet.
    pub(crate) fn of(&self, transactional_id: &str) -> Result<Seat, Refusal> {
        let at = self.partition_of(transactional_id)?;
        let led = self.led();
        let Some(led) = led.get(&at.partition) else {
            return Err(ErrorCode::NotCoordinator.because(format!("this broker does not lead {at}")));
        };
        let loading = || ErrorCode::CoordinatorLoadInProgress.because(format!("{at} is still being read"));
        led.running.clone().ok_or_else(loading)
    }

    /// All of this broker.
    ///
    /// # Errors
    ///
    /// [`CoordinatorLoadInProgress`](ErrorCode::CoordinatorLoadInProgress) if one does not know everything yet: a list without its
    /// transactions would look whole.
    pub(crate) fn all(&self) -> Result<Vec<Seat>, Refusal> {
        let led = self.led();
        let seat = |(number, led): (&u32, &Led)| {
            let loading = || {
                ErrorCode::CoordinatorLoadInProgress
                    .because(format!("{TRANSACTION_STATE}-{number} is still being read"))
            };
            led.running.clone().ok_or_else(loading)
        };
        led.iter().map(seat).collect()
    }

    /// The partition that a transactional id belongs to.
    ///
    /// # Errors
    ///
    /// [`CoordinatorNotAvailable`](ErrorCode::CoordinatorNotAvailable) if there is none yet.
    pub(crate) fn partition_of(&self, transactional_id: &str) -> Result<TopicPartition, Refusal> {
        let state = self.peers.metadata();
        let topic = state.topic(TRANSACTION_STATE).ok_or_else(|| {
            ErrorCode::CoordinatorNotAvailable.because(format!("the topic {TRANSACTION_STATE} is not there yet"))
        })?;
        Ok(TopicPartition::new(TRANSACTION_STATE, partition_for(transactional_id, topic.partitions)))
    }

    /// Keeps the coordinators as the metadata say, for as long as the broker runs.
    pub(crate) async fn run(self, mut image: watch::Receiver<Image>) -> Result<()> {
        let (mut starting, mut running) = (JoinSet::new(), JoinSet::new());
        loop {
            self.settle(&image.borrow_and_update().clone(), &mut starting);
            tokio::select! {
                // In this order, so that a simulated run can be repeated.
                biased;
                Some(started) = starting.join_next() => {
                    let (number, epoch, started) = started.expect("who starts does not panic");
                    self.started(number, epoch, started, &mut running);
                }
                Some(ended) = running.join_next() => {
                    let (number, epoch, ended): Ended = ended.expect("who decides does not panic");
                    self.ended(number, epoch, ended);
                }
                changed = image.changed() => if changed.is_err() {
                    return Ok(());
                },
            }
        }
    }

    /// Lets go of what is led elsewhere, and begins with what has come here.
    fn settle(&self, image: &Image, starting: &mut JoinSet<Starting>) {
        let mine: BTreeMap<u32, i32> = image
            .state
            .partitions_in(TRANSACTION_STATE)
            .filter(|(_, record)| record.leader == Some(self.id))
            .map(|(at, record)| (at.partition, record.leader_epoch))
            .collect();
        self.led().retain(|number, led| mine.get(number) == Some(&led.epoch));
        for (number, epoch) in mine {
            if self.led().contains_key(&number) {
                continue;
            }
            let at = TopicPartition::new(TRANSACTION_STATE, number);
            // It may not have taken its role yet, or has failed at it: the next news says more.
            let Ok(log) = self.partitions.find(&at) else { continue };
            if log.offsets().leader_epoch != epoch {
                continue;
            }
            let stop = CancellationToken::new();
            let led = Led { epoch, running: None, _stop: stop.clone().drop_guard() };
            self.led().insert(number, led);
            starting.spawn(start(self.host.clone(), log, self.config, (number, epoch), stop));
        }
    }

    fn started(&self, number: u32, epoch: i32, started: Result<Started, Refusal>, running: &mut JoinSet<Ended>) {
        let Started { runner, task, stop } = match started {
            Ok(started) => started,
            Err(refusal) => {
                warn!("{TRANSACTION_STATE}-{number} cannot be read in epoch {epoch}: {refusal}");
                self.led().retain(|other, led| (*other, led.epoch) != (number, epoch));
                return;
            }
        };
        let seat = Seat { runner, decided: Arc::new(Notify::new()) };
        let mut led = self.led();
        let Some(led) = led.get_mut(&number).filter(|led| led.epoch == epoch) else { return };
        led.running = Some(seat.clone());
        info!("coordinates the transactions of {TRANSACTION_STATE}-{number}, in epoch {epoch}");
        tokio::spawn(stop.clone().run_until_cancelled_owned(carry_out(seat, epoch, self.peers.clone())));
        running.spawn(async move {
            let ended =
                task.await.unwrap_or_else(|_| Err(ErrorCode::UnknownServerError.because("a coordinator failed")));
            if ended.as_ref().is_err_and(|refusal| refusal.code != ErrorCode::NotController) {
                stop.run_until_cancelled(sleep(AGAIN)).await;
            }
            (number, epoch, ended)
        });
    }

    fn ended(&self, number: u32, epoch: i32, ended: Result<(), Refusal>) {
        self.led().retain(|other, led| (*other, led.epoch) != (number, epoch));
        match ended {
            Ok(()) => {}
            // Somebody else leads by now, and the metadata will say so.
            Err(refusal) if refusal.code == ErrorCode::NotController => {}
            Err(refusal) => {
                warn!("{TRANSACTION_STATE}-{number} is not coordinated any more in epoch {epoch}: {refusal}")
            }
        }
    }

    fn led(&self) -> MutexGuard<'_, BTreeMap<u32, Led>> {
        self.led.lock().expect("nothing panics while it holds the coordinators")
    }
}

/// One that has begun, or could not.
type Starting = (u32, i32, Result<Started, Refusal>);

struct Started {
    runner: Runner<Coordinator>,
    task: tokio::task::JoinHandle<Result<(), Refusal>>,
    stop: CancellationToken,
}

async fn start(
    host: Host,
    log: Arc<dyn Partition>,
    config: CoordinatorConfig,
    (number, epoch): (u32, i32),
    stop: CancellationToken,
) -> Starting {
    let machine = Coordinator::new(config);
    let started = Runner::start(host, log, machine, RunnerConfig::default(), stop.clone()).await;
    if started.is_err() {
        stop.run_until_cancelled(sleep(AGAIN)).await;
    }
    (number, epoch, started.map(|(runner, task)| Started { runner, task, stop }))
}

impl fmt::Debug for Coordinators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Coordinators of broker {}: {:?}", self.id, self.led().keys())
    }
}

#[cfg(test)]
mod tests {
    use partitioning::{Isolation, Offsets, Read, ReadRequest, Workers, Writer};
    use segment_log::{Appended, Batch, Offset, Timestamp};
    use tokio::time::Instant;

    use super::*;

    /// A log that its disk does not give back.
    #[derive(Debug)]
    struct Damaged;

    fn refused<T>() -> Result<T, Refusal> {
        Err(ErrorCode::StorageError.because("the disk does not give it back"))
    }

    impl Partition for Damaged {
        fn append(&self, _: Batch, _: Writer, _: Timestamp) -> Result<Appended, Refusal> {
            refused()
        }

        fn read(&self, _: ReadRequest, _: Isolation) -> Result<Read, Refusal> {
            refused()
        }

        fn find_time(&self, _: Timestamp) -> Result<Option<(Timestamp, Offset)>, Refusal> {
            refused()
        }

        fn offsets(&self) -> Offsets {
            let leader_epoch = 3;
            Offsets {
                log_start: 0,
                last_stable: 0,
                high_watermark: 0,
                end: 9,
                leader_epoch,
                in_sync: 1,
                min_in_sync: 1,
            }
        }

        fn watch(&self) -> watch::Receiver<Offsets> {
            watch::channel(self.offsets()).1
        }
    }

    /// Whoever is told that it failed begins anew at once, and would do nothing else.
    #[tokio::test(start_paused = true)]
    async fn a_log_that_cannot_be_read_is_tried_again_and_not_at_once() {
        let host = Host { workers: Workers::Inline, ..Host::real() };
        let began = Instant::now();
        let begin = |stop| start(host.clone(), Arc::new(Damaged), CoordinatorConfig::default(), (0, 3), stop);
        let (_, _, started) = begin(CancellationToken::new()).await;
        assert_eq!(started.err().map(|refusal| refusal.code), Some(ErrorCode::StorageError));
        assert!(began.elapsed() >= AGAIN);
        // Who is led elsewhere by now waits for nothing.
        let (began, stop) = (Instant::now(), CancellationToken::new());
        stop.cancel();
        assert!(begin(stop).await.2.is_err());
        assert!(began.elapsed() < AGAIN);
    }
}
