//! States and actions in words, for stories and for the Explorer.
//!
//! ```text
//!   broker 1        broker 2        broker 3
//!   L0 a0|b0        F0 a0|          --              what has happened
//!   │  │ │ │
//!   │  │ │ └ record b, written in epoch 0
//!   │  │ └ its high watermark: what is to the left is committed, as far as it knows
//!   │  └ record a
//!   └ it leads in epoch 0 (F: follows, W: waits for somebody to follow, X: its replica has failed, --: it does not run)
//! ```

use std::fmt;

use super::action::Action;
use super::state::{Answer, Broker, Decision, Entry, Found, Line, Role, Stage, State, Wish};

/// A column's width.
const WIDTH: usize = 16;

/// The letter of a record.
fn letter(value: u8) -> char {
    char::from(b'a' + value)
}

fn list(ids: &[i32]) -> String {
    match ids {
        [] => "nobody".to_owned(),
        ids => ids.iter().map(i32::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn records(entries: &[Entry]) -> String {
    entries.iter().map(Entry::to_string).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", letter(self.value), self.epoch)
    }
}

impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.process.as_ref().map(|process| (&process.role, process.epoch())) {
            None => write!(f, "-- ")?,
            Some((Role::Leader(_), epoch)) => write!(f, "L{epoch} ")?,
            Some((Role::Follower { .. }, epoch)) => write!(f, "F{epoch} ")?,
            Some((Role::Waiting { .. }, epoch)) => write!(f, "W{epoch} ")?,
            Some((Role::Failed { .. }, epoch)) => write!(f, "X{epoch} ")?,
        }
        let log = &self.disk.log;
        let (committed, rest) = log.split_at(log.len().min(self.high_watermark() as usize));
        write!(f, "{}|{}", records(committed), records(rest))
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = &self.record;
        let leader = record.leader.map_or("nobody".to_owned(), |leader| format!("broker {leader}"));
        write!(f, "{leader} leads in epoch {}, in sync {}", record.leader_epoch, list(&record.in_sync))?;
        if record.eligible.is_empty() { Ok(()) } else { write!(f, ", eligible {}", list(&record.eligible)) }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Found::Records(entries) if entries.is_empty() => write!(f, "nothing new")?,
            Found::Records(entries) => write!(f, "{}", records(entries))?,
            Found::Diverging(at) => write!(f, "epoch {} ends at {}", at.epoch, at.end)?,
            Found::OutOfRange { end } => write!(f, "out of range, it ends at {end}")?,
        }
        write!(f, "; high watermark {}", self.high_watermark)
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<i32> = self.request.in_sync.iter().map(|(id, _)| *id).collect();
        write!(f, "in sync {}, after change {}", list(&ids), self.request.partition_epoch)
    }
}

/// What stands above the logs.
pub(crate) fn titles(state: &State) -> String {
    let titles: String = state.ids().map(|id| format!("{:WIDTH$}", format!("broker {id}"))).collect();
    titles.trim_end().to_owned()
}

impl State {
    /// All logs in one line.
    pub(crate) fn logs(&self) -> String {
        self.brokers.iter().map(|broker| format!("{:WIDTH$}", broker.to_string())).collect()
    }

    fn line(&self, follower: i32, leader: i32) -> String {
        match self.lines.get(&(follower, leader)) {
            Some(Line::Question { ask, .. }) => {
                let last = ask.last_epoch.map_or(String::new(), |epoch| format!(" after epoch {epoch}"));
                format!("in epoch {}, from offset {}{last}", ask.leader_epoch, ask.offset)
            }
            Some(Line::Answer { answer, .. }) => answer.to_string(),
            None => String::new(),
        }
    }
}

/// For the Explorer: all of a state that decides what can happen next.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for broker in &self.brokers {
            writeln!(f, "broker {}   {broker}", broker.id)?;
        }
        for decision in &self.decisions {
            writeln!(f, "decided    {decision}")?;
        }
        for (follower, leader) in self.lines.keys() {
            let what = match self.lines[&(*follower, *leader)] {
                Line::Question { .. } => "asks",
                Line::Answer { .. } => "is answered by",
            };
            writeln!(f, "under way  {follower} {what} {leader}: {}", self.line(*follower, *leader))?;
        }
        for wish in &self.wishes {
            match &wish.stage {
                Stage::Asked => writeln!(f, "under way  {} asks for {wish}", wish.from)?,
                Stage::GivenUp => writeln!(f, "under way  {} asked, and waits no longer, for {wish}", wish.from)?,
                Stage::Answered(Ok(_)) => writeln!(f, "under way  {} is granted {wish}", wish.from)?,
                Stage::Answered(Err(code)) => writeln!(f, "under way  {} is refused ({code}) {wish}", wish.from)?,
            }
        }
        write!(f, "committed  ")?;
        self.committed.iter().try_for_each(|committed| write!(f, "{} ", committed.entry))
    }
}

/// What has happened, in words.
pub(crate) fn describe(before: &State, action: Action, after: &State) -> String {
    let decided = || after.decided().to_string();
    match action {
        Action::Produce { to } => format!("a client sends {} to broker {to}", letter(before.produced)),
        Action::Ask { follower, .. } => {
            let is_new = |line: &&(i32, i32)| line.0 == follower && before.lines.get(line) != after.lines.get(line);
            let &(_, leader) = after.lines.keys().find(is_new).expect("a question is new");
            format!("{follower} asks {leader} {}", after.line(follower, leader))
        }
        Action::Serve { follower, leader } => match after.line(follower, leader) {
            answer if answer.is_empty() => {
                format!("{leader} hears the question of {follower}, who waits no longer for an answer")
            }
            answer => format!("{leader} answers {follower}: {answer}"),
        },
        Action::Copy { follower, leader } => {
            match before.broker(follower).disk.end() > after.broker(follower).disk.end() {
                true => format!("{follower} hears {leader}, and cuts its log"),
                false => format!("{follower} hears {leader}: {}", before.line(follower, leader)),
            }
        }
        Action::Look { leader } => format!("{leader} looks who is in sync"),
        Action::Wish { leader } => format!("{leader} wishes {}", after.wishes[after.wishes.len() - 1]),
        Action::Decide { wish } if before.decided() != after.decided() => {
            format!("granted, {}: {}", before.wishes[wish], decided())
        }
        Action::Decide { wish } => format!("refused, {}", before.wishes[wish]),
        Action::Hear { wish } => format!("{} hears the controller's answer", before.wishes[wish].from),
        Action::GiveUp { wish } => format!("{} waits no longer for an answer", before.wishes[wish].from),
        Action::Learn { broker, decision } => format!("{broker} learns: {}", before.decisions[decision]),
        Action::Fence { broker } => format!("the controller takes {broker} for dead: {}", decided()),
        Action::Unfence { broker } => format!("the controller hears of {broker} again: {}", decided()),
        Action::Prefer => format!("the preferred leader is elected: {}", decided()),
        Action::Crash { broker, .. } => crashed(before.broker(broker), after.broker(broker)),
        Action::Start { broker } => format!("{broker} starts again: {}", decided()),
        Action::Tick => "replica.lag.time.max.ms goes by".to_owned(),
    }
}

fn crashed(before: &Broker, after: &Broker) -> String {
    let lost = before.disk.log.len() - after.disk.log.len();
    let mut text = format!("{} dies", before.id);
    if lost > 0 {
        text.push_str(&format!(", and its disk has lost {}", records(&before.disk.log[after.disk.log.len()..])));
    }
    if after.high_watermark() < before.high_watermark().min(after.disk.end()) {
        text.push_str(&format!(", and has an older high watermark, {}", after.high_watermark()));
    }
    text
}
