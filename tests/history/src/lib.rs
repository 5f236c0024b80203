//! Clients write down what they did and saw; a judge says which promises that breaks.
//!
//! A broker's answers may each look right and still not fit together. "Your record is at offset 3" is fine, and so is "at offset
//! 3 is this other record". Only both of them show that something was lost. So a test of a cluster has two halves. A
//! *workload* lets clients send and poll while machines die, and each client notes what it asked for, when, and what it was
//! told. Afterwards the *checker* reads all notes together, and looks for those that cannot all be true.
//!
//! ```text
//!   producer-1 ──┐ Recorder  ┌──────────────────────────────┐
//!   producer-2 ──┼─────────▶ │ History: an operation a line │ ──▶ check(history, rules) ──▶ Verdict
//!   consumer-1 ──┘           └──────────────────────────────┘             ▲
//!                                                           what this run's settings promise
//! ```
//!
//! Two things make that possible. Each value is sent once, so whoever reads a value knows whose record it is. And a client
//! says openly what it does not know: a send whose answer never came is *in doubt*, and may be read or not.
//!
//! The crate knows none of the stages. It judges a simulated cluster, a real one, and a learner's.
//!
//! ## What can be wrong
//!
//! `a✓0` is a send of `a` that was acknowledged at offset 0, `a✓` one without an offset, `a✗` one that failed for certain, `a⊘` one
//! that was refused because its producer is fenced; `0=a` is a record that a consumer was given; `[ ]` is a transaction. Time
//! goes to the right.
//!
//! **The log.** An offset is one record's, and a record has one offset.
//!
//! ```text
//! inconsistent offset    producer-1   a✓0  b✓1
//!                        consumer-1             0=a  1=b
//!                        consumer-2             0=a  1=c      the log was written anew under its readers
//!
//! duplicate              producer-1   a✓0                     sent once
//!                        consumer-1       0=a
//!                        consumer-2            1=a            stored twice: a retry was not recognised
//! ```
//!
//! **Durability.** What was acknowledged is there.
//!
//! ```text
//! lost write             producer-1   a✓0  b✓1  c✓2
//!                        consumer-1             0=a  2=c      gets past offset 1
//!                        b            nobody has seen it
//!
//! unseen                 producer-1   a✓0  b✓1
//!                        consumer-1             0=a  end      reads to the end, when all is healed
//!                        b            nobody has seen it
//! ```
//!
//! The two differ in how one knows that `b` should have been seen. Where no reader got past it and none came to the end, it is
//! *not yet read*, which is no anomaly. A lost write may also have no offset: then it is lost if what its producer sent
//! after it was read.
//!
//! **Truth.** What is read was sent, was not refused, and is committed.
//!
//! ```text
//! phantom                producer-1   a✓0
//!                        consumer-1        0=a  1=z
//!                        z            nobody sent it, or not to this partition, or only later
//!
//! read of a failed       producer-1   a✗                      "not written, and it never will be"
//! write                  consumer-1        0=a
//!                        a            was written
//!
//! read of a fenced       producer-1   a⊘   b✓0                "another has your transactional.id"
//! write                  consumer-1             0=b
//!                        b            a zombie's: it was told, and sent again
//!
//! aborted read           producer-1   [ a✓0  abort ]
//! (Adya's G1a)           consumer-1                  0=a
//!                        a            must be hidden for ever
//!
//! precommitted read      producer-1   [ a✓0          commit ]
//!                        consumer-1           0=a
//!                        a            must be hidden until it is certain
//! ```
//!
//! The same is true of a transaction that nobody ever asks to commit, and of one that reads what it wrote itself. Of a producer that
//! was fenced before it asked, the transaction is aborted, whatever comes later: its own late commit is a zombie's.
//!
//! Is a zombie's write no more than a read of a failed write? The one send that was refused would be. But a zombie that goes on
//! may be told that all is well, by a broker that has not heard of its successor; and what was acknowledged did not fail.
//! So the fence is a note of its own, and holds for all that its producer begins afterwards.
//!
//! **Wholeness.** A transaction is there with all its records, or with none.
//!
//! ```text
//! torn transaction       producer-1   [ a✓0  b✓1  commit ]
//!                        producer-2                         c✓3
//!                        consumer-1                             0=a       3=c      gets past b
//!
//!                        producer-1   [ p: a✓0   q: b✓0   commit ]       in doubt: all of it, or nothing
//!                        consumer-1                        p: 0=a  end   q: end    all is healed, and b is nowhere
//! ```
//!
//! A record may be missing that was never acknowledged: its producer should have aborted, and has committed the rest.
//!
//! A marker is written to each partition, and they come one by one. So *while the run goes on* a reader may well have `a`
//! and not yet `b`. It is torn where somebody is past `b`'s place, which nobody can be before the marker is there, or at
//! the end when all is healed.
//!
//! **Order.** A partition keeps the order in which one producer sent, and a consumer walks along it.
//!
//! ```text
//! poll skip              consumer-1   0=a  1=b  2=c
//!                        consumer-2   0=a       2=c           was not given b
//!                        b            is there: consumer-1 has it; or was left out before an end that was reached
//!
//! nonmonotonic poll      consumer-1   0=a  1=b  1=b           again, or back
//!                                               ╰── without a seek, and without a new assignment
//!                                                   after these a consumer may go on anywhere
//!
//! nonmonotonic send      producer-1   a……✓1                   began first
//!                        producer-1     b…✓0                  began second, while a was under way
//!                        log          0=b  1=a
//!
//! send skip              producer-1   [ a✓0       b✓2 ]
//!                        producer-2          c✓1              came between
//!                        log          0=a  1=c  2=b           Kafka allows it: writes of transactions mix
//! ```
//!
//! **One after the other.** `T1 → T2` if T2 wrote behind T1, or worked on what T1 wrote. Nothing comes after itself.
//!
//! ```text
//! write cycle            orders-0     0=a(T1)  1=b(T2)        T1 → T2
//! (Adya's G0)            stock-0      0=c(T2)  1=d(T1)        T2 → T1             Kafka allows it, too
//!
//! mixed cycle            orders-0     0=a(T1)  1=b(T2)        T1 → T2
//! (his G1c, with         T2           [ b✓1  c✓0  commit ]
//! a write in it)         T1           [ a✓0   …   0=c  commit ]   T2 → T1         and this
//!
//! circular information   T1           [ a✓0       0=b  commit ]   a is in orders-0, b in stock-0
//! flow (his G1c, of      T2           [ b✓0  0=a       commit ]
//! reads alone)                        each worked on what the other had not decided yet
//! ```
//!
//! ## A tour
//!
//! | module | what it answers |
//! |---|---|
//! | `operation` | what a client notes: [`Operation`], [`Kind`] |
//! | `recorder` | how many clients write into one history: [`Recorder`], [`Client`] |
//! | `history` | how it becomes a file, and a file becomes it again: [`History`] |
//! | `rules`, `coverage` | what a run may do, and how much it must do: [`Rules`], [`Floors`], [`Coverage`] |
//! | `mistake` | what is the workload's own fault: [`Mistake`] |
//! | `facts` | what the log looks like, as far as it was seen |
//! | `check` | seven passes, one for each family of promises: [`check`] |
//! | `verdict`, `witness` | what comes out, with the operations that show it: [`Verdict`], [`Finding`] |
//!
//! ## What the workload owes
//!
//! - Each value is sent once. Who tries again by itself takes a new value; what the producer tries again inside of one `send` is
//!   one send.
//! - [`Sent::Failed`] and [`Sent::Fenced`] are said only when they are certain. A time-out is [`Sent::Unknown`].
//! - A client that lost its memory in a crash comes back under another name, and so does a producer that was fenced.
//! - What a transaction works on is noted: by polls inside of it, or, where they came before it, by [`Kind::Consume`].
//! - All notes have times of one clock. A consumer's polls do not overlap.
//! - Some consumer reads each partition from its first offset, and nothing is deleted meanwhile, by retention or by compaction:
//!   a lost record and a deleted one look alike.
//! - In the end, when all is healed, a consumer reads each partition to its end and says so ([`Kind::Drained`]). Without it a
//!   record that vanished from the log's end cannot be told from one that nobody has come to yet.
//!
//! What of this can be seen in the history is checked, and a workload that breaks it is told so ([`Mistake`]) and not judged.
//!
//! ## Where it comes from
//!
//! The anomalies are those of Jepsen's workload for Kafka (`jepsen.tests.kafka`), which has found bugs in Kafka, Redpanda and
//! Bufstream. It says all that can be said of a run. Here one fault shall have one name:
//!
//! - What nobody ever read is a lost write, or unseen. Jepsen calls a record that is lost before a partition's end both, and
//!   each consumer that passes it a poll skip besides.
//! - A consumer that swaps two records goes back, and skips nothing, for it was given all. In Jepsen a skip is a step that is
//!   too wide, even if what it left out comes next.
//! - A poll and the polls after it are judged alike. Jepsen has names of their own for what happens inside of one operation.
//! - A read of a failed write is told from one of an aborted transaction, and from one of a zombie's.
//! - What is missing of a transaction that was read in part is told as a torn transaction, once, and not as lost writes, unseen
//!   ones or skips besides. Jepsen has no name for that. Where acknowledged writes may be lost, it is a lost write.
//! - Jepsen has G1c, and one says beforehand whether the order of writes goes into it. Here those that Kafka allows have a
//!   name of their own. Two transactions that lie in one another in one partition are a send skip, and no cycle.
//! - A circle of reads has a read in it that came too early. Both are told: it is the only fault here that has two names.
//! - A precommitted read is any that came too early. Jepsen looks for transactions that read their own writes.
//! - A consumer whose transaction is aborted notes that it sought back. Jepsen takes that for granted.
//! - Only acknowledged sends have an order. Jepsen also orders those in doubt, once they were read.
//!
//! ## Left out
//!
//! **What a transaction did not see.** One could also say `T1 → T2` if T1 read up to a place behind which T2 wrote. Adya calls cycles
//! through such arrows G-single and G2. Kafka rules out none of them, for a transaction's reads are not of one moment.
//!
//! **Consumer groups.** Whether two consumers own one partition at a time is a question about assignments, not about records. And
//! whether two transactions took the same record as their input is one about the offsets that a group commits.
//!
//! **Lag.** That a reader is late is no broken promise.

mod anomaly;
mod check;
mod coverage;
mod facts;
mod history;
mod mistake;
mod operation;
mod recorder;
mod rules;
mod verdict;
mod witness;

pub use anomaly::Anomaly;
pub use check::check;
pub use coverage::Coverage;
pub use history::{History, ReadError};
pub use mistake::Mistake;
pub use operation::{Decision, Kind, Offset, Operation, Partition, Process, Record, Sent, Time, TransactionId, Value};
pub use recorder::{Client, Deciding, Draining, Polling, Recorder, Sending, Transaction};
pub use rules::{Floors, Rules, Shortfall};
pub use verdict::{Evidence, Finding, Verdict};
