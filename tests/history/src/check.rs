//! The judge: facts, then one pass for each family of promises. What `losses` and
//! `polls` find missing of a transaction is put together in `torn`.

mod cycles;
mod losses;
mod offsets;
mod polls;
mod reads;
mod sends;
mod torn;

use crate::coverage::Coverage;
use crate::facts::Facts;
use crate::history::History;
use crate::mistake;
use crate::rules::Rules;
use crate::verdict::{Findings, Verdict};

use torn::Torn;

/// Says which promises a run broke.
///
/// The time that it takes grows with the operations and the records in their polls, times a logarithm, however broken the
/// run is.
///
/// ```
/// use history::{Anomaly, Record, Recorder, Rules, check};
///
/// let recorder = Recorder::new();
/// let (producer, consumer) = (recorder.client("producer-1"), recorder.client("consumer-1"));
/// let orders = "orders-0".into();
///
/// for (value, offset) in [(10, 0), (11, 1), (12, 2)] {
///     producer.send(value * 100, &orders, value).acked(value * 100 + 50, Some(offset));
/// }
/// // The consumer gets past offset 1, and nobody ever sees what was acknowledged there.
/// consumer.poll(2000).gave(2100, vec![Record::new("orders-0", 0, 10), Record::new("orders-0", 2, 12)]);
///
/// let verdict = check(&recorder.history(), &Rules::strict());
/// assert!(!verdict.is_clean());
/// assert_eq!(verdict.broken(), [Anomaly::LostWrite]);
/// ```
pub fn check(history: &History, rules: &Rules) -> Verdict {
    let operations = history.operations();
    let mut coverage = Coverage::of(operations);
    let mistakes = mistake::find(operations);
    let mut findings = Findings::new(operations);
    if mistakes.is_empty() {
        let facts = Facts::of(operations, rules);
        offsets::check(&facts, &mut findings);
        let mut torn = Torn::of(&facts, rules);
        coverage.not_yet_read = losses::check(&facts, &mut torn, &mut findings);
        reads::check(&facts, &mut findings);
        polls::check(&facts, &mut torn, &mut findings);
        torn.tell(&mut findings);
        sends::check(&facts, &mut findings);
        cycles::check(&facts, rules, &mut findings);
    }
    let shortfalls = rules.shortfalls(&coverage);
    Verdict::new(mistakes, findings, rules, coverage, shortfalls)
}
