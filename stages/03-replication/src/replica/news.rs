//! Where a replica stands, told to whoever wants to know. Beside the replica's lock, so that who only asks never waits for
//! somebody else's flush.

use std::sync::{Mutex, MutexGuard};

use partitioning::Offsets;
use tokio::sync::watch;

#[derive(Debug)]
pub(super) struct News(Mutex<Told>);

#[derive(Debug)]
struct Told {
    now: Offsets,
    /// To all who listen; `None` once there will be no more news.
    sender: Option<watch::Sender<Offsets>>,
}

impl News {
    pub(super) fn new(now: Offsets) -> Self {
        News(Mutex::new(Told { now, sender: Some(watch::Sender::new(now)) }))
    }

    pub(super) fn now(&self) -> Offsets {
        self.told().now
    }

    /// Tells what is new, if it is.
    pub(super) fn tell(&self, new: Offsets) {
        let mut told = self.told();
        if new != told.now {
            told.now = new;
            if let Some(sender) = &told.sender {
                sender.send_replace(new);
            }
        }
    }

    /// There will be no more.
    pub(super) fn end(&self) {
        self.told().sender = None;
    }

    pub(super) fn listen(&self) -> watch::Receiver<Offsets> {
        let told = self.told();
        match &told.sender {
            Some(sender) => sender.subscribe(),
            // A channel that has ended, as its sender is dropped here.
            None => watch::channel(told.now).1,
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().expect("nothing panics while it tells")
    }
}
