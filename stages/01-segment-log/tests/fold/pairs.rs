//! Two folds over one log are one fold.

use segment_log::{Appended, BatchView, Fold, KeyCounts, Offset, Rejection, Verdict};

use crate::judging::{CLIENT, three};

/// A fold that notes what it was told.
#[derive(Debug, Default, Clone, PartialEq)]
struct Diary(Vec<String>);

impl Fold for Diary {
    fn apply(&mut self, _batch: &BatchView<'_>, at: &Appended) {
        self.0.push(format!("{}-{}", at.base_offset, at.last_offset));
    }

    fn start_moved(&mut self, log_start: Offset) {
        self.0.push(format!("start-{log_start}"));
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.join(" ").into_bytes()
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        let words = std::str::from_utf8(snapshot.unwrap_or_default()).map_err(Rejection::new)?;
        self.0 = words.split_whitespace().map(str::to_owned).collect();
        Ok(())
    }
}

#[test]
fn a_pair_of_folds_is_a_fold() {
    let mut pair = (KeyCounts::default(), Diary::default());
    assert_eq!(pair.check(&three(0).view(), &CLIENT).expect("nobody objects"), Verdict::Write);
    let batch = three(6);
    pair.apply(&batch.view(), &Appended::of(&batch.view()));
    pair.start_moved(3);
    assert_eq!(
        (pair.0.count(Some(b"k")), pair.1.0.as_slice()),
        (3, ["6-8".to_owned(), "start-3".to_owned()].as_slice())
    );

    let mut other = (KeyCounts::default(), Diary(vec!["old".to_owned()]));
    other.0.apply(&batch.view(), &Appended::of(&batch.view()));
    other.0.apply(&batch.view(), &Appended::of(&batch.view()));
    other.restore(Some(&pair.snapshot())).expect("its own snapshot");
    assert_eq!(other, pair);
    assert!(other.restore(Some(&[1, 2, 3])).is_err());
    other.restore(None).expect("a fold can always start from nothing");
    assert_eq!(other, (KeyCounts::default(), Diary::default()));
    let mut half = (KeyCounts::default(), Diary(vec!["old".to_owned()]));
    half.restore(Some(&(KeyCounts::default(), Diary::default()).snapshot())).expect("its own snapshot");
    assert_eq!(half.1, Diary::default(), "each half restarts from its own bytes");
}

#[test]
fn only_two_without_a_state_have_none() {
    const {
        assert!(<((), ()) as Fold>::STATELESS);
        assert!(!<((), KeyCounts) as Fold>::STATELESS);
        assert!(!<(KeyCounts, ()) as Fold>::STATELESS);
    }
}
