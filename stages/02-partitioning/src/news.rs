//! A value that changes, told to all who want to know.
//!
//! ```text
//!   tell(7) ──▶ News ─┬─▶ first who listened ──▶ woken first
//!                     ├─▶ second
//!                     └─▶ third
//! ```
//!
//! Each listener has a channel of its own, and they are woken in the order in which they began to listen. Tokio's channel can be
//! shared by listeners too, and wakes those in an order of chance: with it no simulated run could be repeated.
//!
//! A listener sees the newest value, and misses those in between if it is slow. Where there will be no more, the channel ends.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;

/// See the [module](self). Clones tell the same.
#[derive(Debug)]
pub struct News<T>(Arc<Mutex<Told<T>>>);

#[derive(Debug)]
struct Told<T> {
    now: T,
    /// A channel for each listener; `None` once there will be no more news.
    listeners: Option<Vec<watch::Sender<T>>>,
}

impl<T: Clone> News<T> {
    /// What is so at the beginning.
    pub fn new(now: T) -> Self {
        News(Arc::new(Mutex::new(Told { now, listeners: Some(Vec::new()) })))
    }

    /// What is so now.
    pub fn now(&self) -> T {
        self.told().now.clone()
    }

    /// This is so from here on.
    pub fn tell(&self, new: T) {
        let mut told = self.told();
        told.now = new;
        told.spread();
    }

    /// What `change` makes of what is so now is so from here on. Who listens is told only if that is something else.
    pub fn change(&self, change: impl FnOnce(&T) -> T)
    where
        T: PartialEq,
    {
        let mut told = self.told();
        let new = change(&told.now);
        if new != told.now {
            told.now = new;
            told.spread();
        }
    }

    /// There will be no more: the channels end, also those of who comes later.
    pub fn end(&self) {
        self.told().listeners = None;
    }

    /// Listens from here on. What is so now counts as seen.
    pub fn listen(&self) -> watch::Receiver<T> {
        let mut told = self.told();
        let (sender, receiver) = watch::channel(told.now.clone());
        if let Some(listeners) = &mut told.listeners {
            // Those who went away are forgotten here as well: there may be no news for long.
            listeners.retain(|listener| !listener.is_closed());
            listeners.push(sender);
        }
        // Else the channel has ended, as its sender is dropped here.
        receiver
    }

    fn told(&self) -> MutexGuard<'_, Told<T>> {
        self.0.lock().expect("nothing panics while it tells")
    }
}

impl<T: Clone> Told<T> {
    fn spread(&mut self) {
        if let Some(listeners) = &mut self.listeners {
            // Whoever went away cannot be told.
            listeners.retain(|listener| listener.send(self.now.clone()).is_ok());
        }
    }
}

impl<T> Clone for News<T> {
    fn clone(&self) -> Self {
        News(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test]
    async fn listeners_are_woken_in_the_order_in_which_they_came() {
        let (news, woken) = (News::new(0), Arc::new(Mutex::new(Vec::new())));
        let waiting = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for number in 0..100 {
            let (mut listener, woken, waiting) = (news.listen(), woken.clone(), waiting.clone());
            tasks.spawn(async move {
                waiting.fetch_add(1, Ordering::Relaxed);
                listener.changed().await.unwrap();
                woken.lock().unwrap().push(number);
            });
        }
        // The runtime may come back here before each of them has had its turn.
        while waiting.load(Ordering::Relaxed) < 100 {
            tokio::task::yield_now().await;
        }
        news.tell(1);
        tasks.join_all().await;
        assert_eq!(*woken.lock().unwrap(), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn no_news_is_told_to_nobody() {
        let news = News::new(3);
        let mut listener = news.listen();
        news.change(|now| *now);
        assert!(!listener.has_changed().unwrap());
        news.change(|now| now + 1);
        assert!(listener.has_changed().unwrap());
        assert_eq!((*listener.borrow_and_update(), news.now()), (4, 4));
    }

    #[test]
    fn the_end_is_told_to_those_who_come_later_too() {
        let news = News::new(3);
        let before = news.listen();
        news.end();
        let after = news.listen();
        assert!(before.has_changed().is_err() && after.has_changed().is_err());
        assert_eq!(*after.borrow(), 3);
    }

    #[test]
    fn who_went_away_is_forgotten() {
        let news = News::new(3);
        (0..1_000).for_each(|_| drop(news.listen()));
        let stays = news.listen();
        assert_eq!(news.told().listeners.as_ref().unwrap().len(), 1);
        drop(stays);
        news.tell(4);
        assert!(news.told().listeners.as_ref().unwrap().is_empty());
    }
}
