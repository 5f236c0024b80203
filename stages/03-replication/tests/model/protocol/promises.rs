//! What must hold in every state, and what must happen in some.
//!
//! What a consumer could have read is *committed*: it lay below the high watermark of somebody who led, or believed to. Whatever
//! a producer was told is safe (`acks=all`, stage 04) is that as well, so there is no promise about producers. That nothing
//! committed is lost is said three times, because it can go wrong in three places: whoever leads later must have it ([`KEPT`]);
//! whoever leads, early or late, must not show another record there ([`READ`]); and whoever could be elected must have it
//! before that happens ([`IN_SYNC`]). So a leader may know a lower high watermark than the one before it did, but what is
//! committed never becomes less by an election.

use stateright::Property;

use super::Protocol;
use super::state::{Answer, Broker, Entry, Found, Line, State};

/// A promise, and whether it holds in a state.
type Promise = (&'static str, fn(&Protocol, &State) -> bool);

pub(crate) const KEPT: &str = "a committed record is in the log of every later leader";
pub(crate) const READ: &str = "who has read a record never finds another in its place";
pub(crate) const SAME: &str = "below their high watermarks any two logs are the same";
pub(crate) const MATCH: &str = "logs with the same epoch at an offset are the same up to there";
pub(crate) const ONE: &str = "an epoch has one leader";
pub(crate) const IN_SYNC: &str = "whoever could be elected has all that is committed";
pub(crate) const CUTS: &str = "a follower that is told that its log parts from its leader's can cut it";
pub(crate) const BOUNDS: &str = "a high watermark lies within its log, and a leader's does not go back";

pub(crate) const PROMISES: [Promise; 8] = [
    (KEPT, |_, state| leaders(state).all(|(broker, epoch)| keeps(state, broker, epoch))),
    (READ, |_, state| leaders(state).all(|(broker, _)| shows_what_was_read(state, broker))),
    (SAME, |_, state| pairs(state).all(|(one, other)| agree_on_what_is_committed(one, other))),
    (MATCH, |_, state| pairs(state).all(|(one, other)| match_up(&one.disk.log, &other.disk.log))),
    (ONE, |_, state| pairs(state).all(|(one, other)| !lead_together(one, other))),
    (IN_SYNC, |_, state| electable(state).all(|broker| has_all(state, broker))),
    (CUTS, |protocol, state| state.lines.iter().all(|line| is_no_dead_end(protocol, state, line))),
    (BOUNDS, |_, state| !state.went_back && state.brokers.iter().all(|broker| is_within(broker))),
];

/// What a search must come upon.
pub(crate) const SIGHTS: [Promise; 3] = [
    ("a record is committed", |_, state| !state.committed.is_empty()),
    ("two lead at once, in different epochs", |_, state| leaders(state).count() > 1),
    ("an offset holds different records", |_, state| {
        pairs(state).any(|(one, other)| part(&one.disk.log, &other.disk.log))
    }),
];

pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        always::<0>(),
        always::<1>(),
        always::<2>(),
        always::<3>(),
        always::<4>(),
        always::<5>(),
        always::<6>(),
        always::<7>(),
        sometimes::<0>(),
        sometimes::<1>(),
        sometimes::<2>(),
    ]
}

/// A promise that was found broken counts as kept from then on. Of all states that break one the checker remembers the last that
/// it comes upon before it stops, and the first lies nearest to the beginning.
fn always<const N: usize>() -> Property<Protocol> {
    Property::always(PROMISES[N].0, |protocol: &Protocol, state| {
        PROMISES[N].1(protocol, state) || !protocol.coverage.finds_broken(N)
    })
}

fn sometimes<const N: usize>() -> Property<Protocol> {
    Property::sometimes(SIGHTS[N].0, |protocol: &Protocol, state| {
        !protocol.coverage.has_seen(N) && SIGHTS[N].1(protocol, state) && protocol.coverage.sees(N)
    })
}

fn leaders(state: &State) -> impl Iterator<Item = (&Broker, i32)> {
    state.brokers.iter().filter_map(|broker| Some((&**broker, broker.leader()?.epoch())))
}

fn pairs(state: &State) -> impl Iterator<Item = (&Broker, &Broker)> {
    let all = &state.brokers;
    (0..all.len()).flat_map(move |first| (first + 1..all.len()).map(move |second| (&*all[first], &*all[second])))
}

/// Those that the controller would elect, and that are what it takes them for: a process that has died and started again will
/// tell that before it does anything.
fn electable(state: &State) -> impl Iterator<Item = &Broker> {
    let decided = state.decided();
    let counted_on = decided.record.in_sync.iter().chain(&decided.record.eligible);
    counted_on.map(|id| state.broker(*id)).filter(|broker| {
        broker.process.as_ref().is_some_and(|process| process.broker_epoch == decided.brokers[&broker.id].epoch)
    })
}

fn keeps(state: &State, broker: &Broker, epoch: i32) -> bool {
    let earlier = state.committed.iter().enumerate().filter(|(_, committed)| committed.by < epoch);
    earlier.into_iter().all(|(offset, committed)| broker.disk.log.get(offset) == Some(&committed.entry))
}

fn has_all(state: &State, broker: &Broker) -> bool {
    let committed = state.committed.iter().map(|committed| &committed.entry);
    broker.disk.log.len() >= state.committed.len()
        && broker.disk.log.iter().zip(committed).all(|(own, other)| own == other)
}

fn shows_what_was_read(state: &State, broker: &Broker) -> bool {
    shown(broker).iter().zip(&state.committed).all(|(own, committed)| *own == committed.entry)
}

/// If the answer is what the follower waits for.
fn is_no_dead_end(protocol: &Protocol, state: &State, ((follower, _), line): (&(i32, i32), &Line)) -> bool {
    let broker = state.broker(*follower);
    match (line, &broker.process) {
        (Line::Answer { answer: Answer { found: Found::Records(_), .. }, .. } | Line::Question { .. }, _) => true,
        (Line::Answer { ask, answer }, Some(process)) if broker.ask(protocol.policy) == Some(*ask) => {
            process.place_to_cut(&broker.disk, &answer.found).is_some()
        }
        _ => true,
    }
}

fn agree_on_what_is_committed(one: &Broker, other: &Broker) -> bool {
    shown(one).iter().zip(shown(other)).all(|(one, other)| one == other)
}

fn shown(broker: &Broker) -> &[Entry] {
    let log = &broker.disk.log;
    &log[..log.len().min(broker.high_watermark() as usize)]
}

/// The log matching property of Raft.
fn match_up(one: &[Entry], other: &[Entry]) -> bool {
    let last = one.iter().zip(other).rposition(|(one, other)| one.epoch == other.epoch);
    last.is_none_or(|last| one[..=last] == other[..=last])
}

fn part(one: &[Entry], other: &[Entry]) -> bool {
    one.iter().zip(other).any(|(one, other)| one != other)
}

fn lead_together(one: &Broker, other: &Broker) -> bool {
    one.leader().is_some_and(|one| other.leader().is_some_and(|other| one.epoch() == other.epoch()))
}

fn is_within(broker: &Broker) -> bool {
    (0..=broker.disk.end()).contains(&broker.high_watermark())
}
