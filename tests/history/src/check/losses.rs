//! What was acknowledged is there: **lost write** and **unseen**.
//!
//! Both are about a value that must be read, and that nobody read. They differ in how one knows that somebody should have.
//! For a lost write, a reader was already past it. For an unseen one, a reader came to the partition's end, and the value
//! would have to be before it.
//!
//! A record of a transaction that was read in part is not told here, but as [torn](super::torn). That goes for records that were not
//! acknowledged as well: a producer that asks for a commit says that all of it is there.
//!
//! Where no offset was told, the place is known from below: what the same producer sent to the same partition afterwards must
//! lie behind it. "Afterwards" means after the first send had ended, so that nothing is said about sends that overlap.

use crate::anomaly::Anomaly;
use crate::facts::{Facts, Log, Send, Sighting, Standing, Transaction};
use crate::operation::Time;
use crate::verdict::{Clue, Findings};

use super::torn::Torn;

/// Returns how many promised values nobody need have read yet.
pub(super) fn check<'h>(facts: &Facts<'h>, torn: &mut Torn<'_, 'h>, findings: &mut Findings<'_>) -> usize {
    let mut not_yet = 0;
    for ((_, partition), line) in facts.lines_of_sends() {
        let log = facts.logs.get(partition);
        // The send that began last of those whose value was read: what lies before it must have been read too.
        let mut read_after: Option<(&Send<'_>, Sighting)> = None;
        for send in line.into_iter().rev() {
            let read = facts.read(send).copied();
            if let Some(sighting) = read {
                read_after = read_after.or(Some((send, sighting)));
            } else if send.standing == Standing::Promised {
                let missing = lost(facts, send, read_after).or_else(|| unseen(facts, send, log?));
                not_yet += usize::from(missing.is_none());
                if let Some((anomaly, clue)) = missing
                    && !torn.lost(send, &clue)
                {
                    findings.add(anomaly, || clue);
                }
            } else if facts.is_of_committed(send) {
                // Whoever sent it knows that it is not there. But then the rest must not be there either.
                let missing = lost(facts, send, read_after).or_else(|| unseen(facts, send, log?));
                if let Some((_, clue)) = missing {
                    torn.lost(send, &clue);
                }
            }
        }
    }
    not_yet
}

type Missing<'h> = Option<(Anomaly, Clue<'h>)>;

fn lost<'h>(facts: &Facts<'h>, send: &Send<'h>, read_after: Option<(&Send<'h>, Sighting)>) -> Missing<'h> {
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
        _ => return None,
    };
    let clue = Clue {
        partitions: vec![send.partition],
        offsets: send.told.into_iter().chain([past.offset]).collect(),
        values: vec![send.value, past.value],
        operations: promised(facts, send).chain([past.at]).chain(later.map(|later| later.at)).collect(),
        what,
        steps: Vec::new(),
    };
    Some((Anomaly::LostWrite, clue))
}

fn unseen<'h>(facts: &Facts<'h>, send: &Send<'h>, log: &Log) -> Missing<'h> {
    let after = log.last_drain.filter(|drain| ended_before(send, drain.began));
    let beyond = log.furthest_drain.filter(|drain| send.told.is_some_and(|told| told < drain.end));
    let drain = after.or(beyond)?;
    let at = send.told.map(|told| format!(" at offset {told}")).unwrap_or_default();
    let what = format!("value {} was acknowledged{at}, and the end that was read to is {}", send.value, drain.end);
    let clue = Clue {
        partitions: vec![send.partition],
        offsets: send.told.into_iter().collect(),
        values: vec![send.value],
        operations: promised(facts, send).chain([drain.at]).collect(),
        what,
        steps: Vec::new(),
    };
    Some((Anomaly::Unseen, clue))
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
