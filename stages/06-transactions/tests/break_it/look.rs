//! What the judge sees after the story.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use story::{Story, Submission, System, Told, play};

use crate::driver::TransactionsDriver;
use crate::state::{partitions, words};

/// How long the judge waits before it looks, so that nothing is under way any more.
const PATIENCE: &str = "10s";

/// The coordinators' own topic. It holds no transactions.
const STATE: &str = "__transaction_state-";

/// A story, and how things stand ten seconds after it.
pub(crate) struct Seen {
    pub(crate) steps: Vec<Told>,
    /// Partition, producer id, and the offset from which its transaction is open, as the leader has it.
    pub(crate) open: Vec<(String, i64, i64)>,
    /// Transactional id, state, and producer id.
    pub(crate) known: Vec<(String, String, i64)>,
    /// Partition and value: what a reader of committed records is given.
    pub(crate) read: Vec<(String, String)>,
}

impl Seen {
    /// The transactions that are open in a partition, and not at their coordinator.
    pub(crate) fn hanging(&self) -> impl Iterator<Item = &(String, i64, i64)> {
        let is_ended = |producer: i64| {
            let mut of = self.known.iter().filter(move |(_, _, id)| *id == producer).peekable();
            of.peek().is_some()
                && of.all(|(_, state, _)| ["Empty", "CompleteCommit", "CompleteAbort"].contains(&&**state))
        };
        self.open.iter().filter(move |(_, producer, _)| is_ended(*producer))
    }

    /// As a judgement shows it.
    pub(crate) fn told(&self) -> String {
        let open =
            self.open.iter().map(|(at, producer, from)| format!("\n{at}: producer {producer} is open from {from} on"));
        let known = self.known.iter().map(|(id, state, producer)| format!("\n{id}, producer {producer}: {state}"));
        let lines: String = open.chain(known).collect();
        if lines.is_empty() { "no transaction anywhere".to_owned() } else { lines }
    }
}

/// Plays the story, waits, and looks: once for all tests.
pub(crate) fn see(submission: &Submission) -> &'static Seen {
    static SEEN: OnceLock<Seen> = OnceLock::new();
    SEEN.get_or_init(|| looked(submission))
}

fn looked(submission: &Submission) -> Seen {
    let mut driver = TransactionsDriver::new();
    let steps = submission.play(&mut driver);
    let at: Vec<_> = led(&steps);
    let ids = transactional_ids(&steps);
    let mut look = |command: String| ask(&mut driver, &command);
    look(format!("wait {PATIENCE}"));
    let (mut open, mut read) = (Vec::new(), Vec::new());
    for (at, leader) in &at {
        let answer = look(format!("transactions {at}"));
        open.extend(open_in(&answer, *leader).into_iter().map(|(producer, from)| (at.clone(), producer, from)));
        let answer = look(format!("read {at}"));
        let values = answer.lines().filter_map(|line| line.split_once("  "));
        read.extend(values.map(|(_, value)| (at.clone(), value.to_owned())));
    }
    let known = ids.into_iter().filter_map(|id| {
        let answer = look(format!("transaction {id}"));
        let (state, rest) = answer.split_once("  producer ")?;
        Some((id, state.to_owned(), rest.split_once(',')?.0.parse().ok()?))
    });
    let known = known.collect();
    Seen { steps, open, known, read }
}

/// The answer to one command; nothing, if it fails.
fn ask(driver: &mut TransactionsDriver, command: &str) -> String {
    let script = format!("# The judge looks\n# needs: transactions\n{command}\n");
    let story = Story::parse(Path::new("judge.story"), &script).expect("a command of the judge can be read");
    let driver: &mut dyn System = driver;
    let Ok(played) = play(&story, driver) else { return String::new() };
    played.trace["steps"][0]["answer"].as_str().unwrap_or_default().to_owned()
}

/// The partitions of the story that are led, and by whom.
fn led(steps: &[Told]) -> Vec<(String, i64)> {
    let all = partitions(steps).into_iter().filter(|partition| !partition.at.starts_with(STATE));
    all.filter_map(|partition| Some((partition.at.clone(), partition.led()?.broker))).collect()
}

/// All that were begun with.
fn transactional_ids(steps: &[Told]) -> BTreeSet<String> {
    let of = |step: &Told| {
        let words = words(&step.command);
        let key = match step.name.as_str() {
            "init" => "id=",
            "txn-producer" => "transactional.id=",
            _ => return None,
        };
        words.iter().find_map(|word| word.strip_prefix(key).map(str::to_owned)).or_else(|| words.get(1).cloned())
    };
    steps.iter().filter_map(of).collect()
}

/// Producer and first offset, from `broker 1  last stable 1  high watermark 3  open: producer 0 from 1, producer 2 from 5`.
fn open_in(answer: &str, leader: i64) -> Vec<(i64, i64)> {
    let line = answer.lines().find(|line| line.starts_with(&format!("broker {leader} ")));
    let open = line.and_then(|line| line.split_once("open: ")).map_or("", |(_, open)| open);
    let one = |text: &str| {
        let (producer, from) = text.trim().strip_prefix("producer ")?.split_once(" from ")?;
        Some((producer.parse().ok()?, from.parse().ok()?))
    };
    open.split(',').filter_map(one).collect()
}

#[test]
fn what_is_open_is_read_from_the_leaders_line() {
    let answer = "broker 1  last stable 1  high watermark 3  nothing open\n\
                  broker 2  last stable 1  high watermark 3  open: producer 0 from 1, producer 12 from 5";
    assert_eq!(open_in(answer, 2), [(0, 1), (12, 5)]);
    assert_eq!(open_in(answer, 1), []);
    assert_eq!(open_in(answer, 3), []);
}
