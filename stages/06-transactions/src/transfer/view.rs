//! What is seen: a pure function from what is known to lines of text.
//!
//! ```text
//!                          whole transfers   halves   money in whole ones   in all
//!   in transactions        1812 committed
//!     read_committed                  1806        2                 10000     9996
//!     read_uncommitted                1815        9                 10000     9951
//!   without                2029 done
//!     any reader                      2029        4                 10000     9981
//! ```

use super::money::Book;

/// What of one kind of transfers is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What kind.
    pub name: &'static str,
    /// What their tellers say.
    pub done: u64,
    /// What it is called if it is done.
    pub word: &'static str,
    /// What each reader has counted.
    pub readers: Vec<(&'static str, Book)>,
}

/// The table.
pub fn table(all: &[Known]) -> Vec<String> {
    let mut lines = vec![format!(
        "{:<22}{:>15}  {:>7}  {:>19}  {:>8}",
        "", "whole transfers", "halves", "money in whole ones", "in all"
    )];
    for Known { name, done, word, readers } in all {
        lines.push(format!("{name:<22}{done} {word}"));
        for (reader, book) in readers {
            let Book { whole, in_whole, in_all, halves, .. } = book;
            let halves = halves.len();
            lines.push(format!("  {reader:<20}{whole:>15}  {halves:>7}  {in_whole:>19}  {in_all:>8}"));
        }
    }
    lines
}

/// The most halves that are named.
const MOST: usize = 5;

/// Halves whose other half is nowhere.
pub fn lonely(book: &Book) -> Vec<String> {
    let named = book.halves.iter().take(MOST);
    let mut lines: Vec<_> =
        named.map(|(number, half)| format!("transfer {number}: {half}, and no other half")).collect();
    if book.halves.len() > MOST {
        lines.push(format!("and {} more", book.halves.len() - MOST));
    }
    lines
}

#[cfg(test)]
mod tests {
    use partitioning::TopicPartition;

    use super::super::money::{Change, Half};
    use super::*;

    fn book(halves: u64) -> Book {
        let half = |number| {
            let [change, _] = Change::transfer(number, 3, 4, 5);
            (number, Half { change, at: TopicPartition::new("accounts-plain", 2), offset: 7 })
        };
        let halves = (0..halves).map(half).collect();
        Book { whole: 12, in_whole: 10_000, in_all: 9_985, halves, ..Book::default() }
    }

    #[test]
    fn columns_stand_under_their_names() {
        let known = Known { name: "without", done: 15, word: "done", readers: vec![("any reader", book(3))] };
        let expected = [
            "                      whole transfers   halves  money in whole ones    in all",
            "without               15 done",
            "  any reader                       12        3                10000      9985",
        ];
        assert_eq!(table(&[known]), expected);
    }

    #[test]
    fn of_many_halves_some_are_named() {
        assert_eq!(lonely(&book(0)), [""; 0]);
        assert_eq!(lonely(&book(1)), ["transfer 0: account-3 -5 at accounts-plain-2@7, and no other half"]);
        let seven = lonely(&book(7));
        assert_eq!((seven.len(), seven[5].as_str()), (6, "and 2 more"));
    }
}
