//! What was acknowledged is there: **lost write** and **unseen**.
//!
//! Both are about a value that must be read, and that nobody read. They differ in how one knows that somebody should have.
//! For a lost write, a reader was already past it. For an unseen one, a reader came to the partition's end, and the value
//! would have to be before it.
//!
//! Where no offset was told, the place is known from below: what the same producer sent to the same partition afterwards must
//! lie behind it. "Afterwards" means after the first send had ended, so that nothing is said about sends that overlap.

use crate::anomaly::Anomaly;
use crate::facts::{Facts, Log, Send, Sighting, Standing, Transaction};
use crate::operation::Time;
use crate::verdict::{Clue, Findings};

/// Returns how many promised values nobody need have read yet.
pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) -> usize {
    let mut not_yet = 0;
    for ((_, partition), line) in facts.lines_of_sends() {
        let log = facts.logs.get(partition);
        // The send that began last of those whose value was read: what lies before it must have been read too.
        let mut read_after: Option<(&Send<'_>, Sighting)> = None;
        for send in line.into_iter().rev() {
            let read = facts.read(send).copied();
            if let Some(sighting) = read {
                read_after = read_after.or(Some((send, sighting)));
            } else if send.standing == Standing::Promised && !lost(facts, send, read_after, findings) {
                let unseen = log.is_some_and(|log| unseen(facts, send, log, findings));
                not_yet += usize::from(!unseen);
            }
        }
    }
    not_yet
}

fn lost(
    facts: &Facts<'_>,
    send: &Send<'_>,
    read_after: Option<(&Send<'_>, Sighting)>,
    findings: &mut Findings<'_>,
) -> bool {
    let highest = facts.logs.get(send.partition).and_then(|log| log.highest);
    let (past, later, what) = match (send.told, highest, read_after) {
        (Some(told), Some(highest), _) if told <= highest.offset => {
            let what = format!(
                "value {} was acknowledged at offset {told}, and somebody got to {}",
                send.value, highest.offset
            );
            (highest, None, what)
        }
        (None, _, Some((later, sighting))) if ended_before(send, later.began) => {
            let what = format!("value {} was acknowledged, and what was sent after it was read", send.value);
            (sighting, Some(later), what)
        }
        _ => return false,
    };
    findings.add(Anomaly::LostWrite, || Clue {
        partition: send.partition,
        offsets: send.told.into_iter().chain([past.offset]).collect(),
        values: vec![send.value, past.value],
        operations: promised(facts, send).chain([past.at]).chain(later.map(|later| later.at)).collect(),
        what,
    });
    true
}

fn unseen(facts: &Facts<'_>, send: &Send<'_>, log: &Log, findings: &mut Findings<'_>) -> bool {
    let after = log.last_drain.filter(|drain| ended_before(send, drain.began));
    let beyond = log.furthest_drain.filter(|drain| send.told.is_some_and(|told| told < drain.end));
    let Some(drain) = after.or(beyond) else { return false };
    let at = send.told.map(|told| format!(" at offset {told}")).unwrap_or_default();
    let what = format!("value {} was acknowledged{at}, and the end that was read to is {}", send.value, drain.end);
    findings.add(Anomaly::Unseen, || Clue {
        partition: send.partition,
        offsets: send.told.into_iter().collect(),
        values: vec![send.value],
        operations: promised(facts, send).chain([drain.at]).collect(),
        what,
    });
    true
}

/// The operations by which a value is promised: its send, and what became of its transaction.
fn promised<'f>(facts: &'f Facts<'_>, send: &Send<'_>) -> impl Iterator<Item = usize> + use<'f> {
    let transaction = send.transaction.map(|id| &facts.transactions[&id]);
    [send.at].into_iter().chain(transaction.into_iter().flat_map(Transaction::told))
}

/// Where times are equal, whoever said "the send has ended" was not asked before, and it counts as ended.
fn ended_before(send: &Send<'_>, began: Time) -> bool {
    send.ended.is_some_and(|ended| ended <= began)
}
