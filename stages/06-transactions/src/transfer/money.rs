//! What a record of an account says, and what follows from all of them: a fold, as ever.
//!
//! ```text
//!   key         value
//!   account-3   opening: +100
//!   account-3   transfer 812: -5
//!   account-71  transfer 812: +5
//! ```

use std::collections::BTreeMap;
use std::fmt;

use partitioning::{ConsumerRecord, TopicPartition};
use segment_log::Offset;

/// How the money of an account changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Which transfer it is a half of; `None`: the account is opened.
    pub transfer: Option<u64>,
    /// The account.
    pub account: u64,
    /// By how much.
    pub amount: i64,
}

impl Change {
    /// The two halves of a transfer.
    pub fn transfer(number: u64, from: u64, to: u64, amount: i64) -> [Change; 2] {
        [(from, -amount), (to, amount)].map(|(account, amount)| Change { transfer: Some(number), account, amount })
    }

    /// The key of its record.
    pub fn key(&self) -> String {
        format!("account-{}", self.account)
    }

    /// The value of its record.
    pub fn value(&self) -> String {
        match self.transfer {
            Some(number) => format!("transfer {number}: {:+}", self.amount),
            None => format!("opening: {:+}", self.amount),
        }
    }

    /// Reads a record.
    ///
    /// # Errors
    ///
    /// A sentence that says what it is not.
    pub fn read(record: &ConsumerRecord) -> Result<Self, String> {
        let text = |bytes: &Option<bytes::Bytes>| {
            bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok()).map(str::to_owned)
        };
        let change = text(&record.key).zip(text(&record.value)).and_then(|(key, value)| Self::parse(&key, &value));
        change.ok_or_else(|| format!("{}@{} is no change of an account", record.at, record.offset))
    }

    fn parse(key: &str, value: &str) -> Option<Self> {
        let account = key.strip_prefix("account-")?.parse().ok()?;
        let (what, amount) = value.split_once(": ")?;
        let transfer = match what {
            "opening" => None,
            what => Some(what.strip_prefix("transfer ")?.parse().ok()?),
        };
        Some(Change { transfer, account, amount: amount.parse().ok()? })
    }
}

/// Where a half is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// What it says.
    pub change: Change,
    /// Its partition.
    pub at: TopicPartition,
    /// Its place there.
    pub offset: Offset,
}

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Half { change, at, offset } = self;
        write!(f, "{} {:+} at {at}@{offset}", change.key(), change.amount)
    }
}

/// What follows from the records that were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// Transfers of which both halves were read.
    pub whole: u64,
    /// The money that was put into accounts at first, and moved by whole transfers.
    pub in_whole: i64,
    /// The money in all accounts, by all that was read.
    pub in_all: i64,
    /// Transfers of which one half was read, by number.
    pub halves: BTreeMap<u64, Half>,
    /// What cannot be, the first time that it was seen: two halves that do not cancel, say.
    pub wrong: Option<String>,
    /// Which transfers are whole.
    pub(super) seen: Seen,
}

/// Numbers that were seen, so that a third half is noticed: as ranges, since most come nearly in order. Where each begins, and the
/// number behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen(BTreeMap<u64, u64>);

impl Seen {
    /// Adds a number; gives whether it is new.
    fn add(&mut self, number: u64) -> bool {
        let before = self.0.range(..=number).next_back().map(|(from, to)| (*from, *to));
        if before.is_some_and(|(_, to)| number < to) {
            return false;
        }
        let mut to = number + 1;
        if let Some(end) = self.0.remove(&to) {
            to = end;
        }
        let from = before.filter(|(_, end)| *end == number).map_or(number, |(from, _)| from);
        self.0.insert(from, to);
        true
    }

    fn has(&self, number: u64) -> bool {
        self.0.range(..=number).next_back().is_some_and(|(_, to)| number < *to)
    }
}

impl Book {
    /// Learns a record.
    pub fn learn(&mut self, record: &ConsumerRecord) {
        match Change::read(record) {
            Ok(change) => self.enter(Half { change, at: record.at.clone(), offset: record.offset }),
            Err(why) => self.is_wrong(why),
        }
    }

    fn enter(&mut self, half: Half) {
        let amount = half.change.amount;
        self.in_all += amount;
        let Some(number) = half.change.transfer else {
            self.in_whole += amount;
            return;
        };
        if self.seen.has(number) {
            return self.is_wrong(format!("transfer {number} has a third half: {half}"));
        }
        let Some(other) = self.halves.remove(&number) else {
            self.halves.insert(number, half);
            return;
        };
        self.seen.add(number);
        self.whole += 1;
        self.in_whole += other.change.amount + amount;
        if other.change.amount + amount != 0 {
            self.is_wrong(format!("transfer {number} does not add up: {other}, {half}"));
        }
    }

    fn is_wrong(&mut self, why: String) {
        self.wrong.get_or_insert(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(change: Change, offset: Offset) -> Half {
        Half { change, at: TopicPartition::new("accounts", 0), offset }
    }

    fn book(changes: impl IntoIterator<Item = Change>) -> Book {
        let mut book = Book::default();
        changes.into_iter().zip(0..).for_each(|(change, offset)| book.enter(half(change, offset)));
        book
    }

    const OPENED: [Change; 2] =
        [Change { transfer: None, account: 1, amount: 100 }, Change { transfer: None, account: 2, amount: 100 }];

    #[test]
    fn what_is_written_is_read() {
        for change in OPENED.into_iter().chain(Change::transfer(812, 3, 71, 5)) {
            assert_eq!(Change::parse(&change.key(), &change.value()), Some(change));
        }
        for (key, value) in [("account-x", "opening: +1"), ("account-1", "opening +1"), ("account-1", "loan 3: +1")] {
            assert_eq!(Change::parse(key, value), None, "{key} {value}");
        }
    }

    #[test]
    fn a_half_is_seen_until_the_other_comes() {
        let [from, to] = Change::transfer(0, 1, 2, 5);
        let one = book(OPENED.into_iter().chain([to]));
        assert_eq!((one.whole, one.in_whole, one.in_all, one.halves.len()), (0, 200, 205, 1));
        assert_eq!(one.halves[&0].to_string(), "account-2 +5 at accounts-0@2");
        let both = book(OPENED.into_iter().chain([to, from]));
        assert_eq!((both.whole, both.in_whole, both.in_all, both.halves.len()), (1, 200, 200, 0));
        assert_eq!(both.wrong, None);
    }

    #[test]
    fn what_cannot_be_is_noticed() {
        let [from, to] = Change::transfer(7, 1, 2, 5);
        let third = book([from, to, to]);
        assert_eq!(third.wrong.as_deref(), Some("transfer 7 has a third half: account-2 +5 at accounts-0@2"));
        let uneven = book([from, Change { amount: 6, ..to }]);
        assert!(uneven.wrong.is_some_and(|why| why.contains("does not add up")), "{:?}", uneven.in_whole);
    }

    #[test]
    fn numbers_that_were_seen_are_few_ranges() {
        let mut seen = Seen::default();
        let added: Vec<_> = [3, 1, 2, 0, 7, 2, 5, 6].map(|number| seen.add(number)).into();
        assert_eq!(added, [true, true, true, true, true, false, true, true]);
        assert_eq!(seen.0, BTreeMap::from([(0, 4), (5, 8)]));
        assert!(seen.has(3) && !seen.has(4) && seen.has(7) && !seen.has(8));
    }
}
