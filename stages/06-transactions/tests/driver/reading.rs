//! What readers see, and what replicas know.

use acks::api::Waiting;
use partitioning::api::{FetchPartition, FetchRequest};
use partitioning::consumer::answer::Answer as Fetched;
use partitioning::{Cluster, Error as Failure, Partition, TopicPartition};
use segment_log::Offset;
use story::Args;
use story::text::table;
use transactions::api::{FetchIsolated, Isolated, IsolationLevel};

use super::TransactionsDriver;
use super::commands::partition;
use crate::cluster::Answer;
use crate::cluster::records::{connect, refresh};

/// Offset and value.
type Seen = (Offset, String);

impl TransactionsDriver {
    /// `read orders-0`, `read orders isolation=uncommitted`.
    pub(super) fn read(&mut self, mut args: Args<'_>) -> Answer {
        let what: String = args.value("topic or partition")?;
        let isolation: Option<String> = args.key("isolation")?;
        args.done()?;
        let level = match isolation.as_deref() {
            None | Some("committed") => IsolationLevel::ReadCommitted,
            Some("uncommitted") => IsolationLevel::ReadUncommitted,
            Some(_) => return Err("isolation is committed or uncommitted".into()),
        };
        let at = partition(&what).unwrap_or_else(|_| TopicPartition::new(what.as_str(), 0));
        let (cluster, of) = (self.below.below.base.client()?, at.clone());
        let seen = self.below.below.base.world()?.run(async move { read(&cluster, &of, level).await })??;
        let lines: Vec<_> = seen.iter().map(|(offset, value)| format!("{at}@{offset}  {value}")).collect();
        let words = if level == IsolationLevel::ReadCommitted { "read_committed" } else { "read_uncommitted" };
        let noted = seen.into_iter().map(|(offset, value)| (at.to_string(), offset, value));
        self.below.below.base.note_read(words, noted);
        Ok(if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") })
    }

    /// `transactions orders-0`.
    pub(super) fn transactions(&mut self, mut args: Args<'_>) -> Answer {
        let at = partition(&args.value::<String>("partition")?)?;
        args.done()?;
        let running = self.below.below.base.running()?;
        let mut rows = Vec::new();
        for (id, manager) in self.below.managers.lock().unwrap().iter().filter(|(id, _)| running.contains(id)) {
            let Some(Ok(replica)) = manager.upgrade().map(|manager| manager.replica(&at)) else { continue };
            let offsets = replica.offsets();
            let open = replica.derived(|transactions| {
                let open =
                    transactions.open().map(|open| format!("producer {} from {}", open.producer_id, open.first_offset));
                open.collect::<Vec<_>>()
            })?;
            let open = if open.is_empty() { "nothing open".to_owned() } else { format!("open: {}", open.join(", ")) };
            rows.push(vec![
                format!("broker {id}"),
                format!("last stable {}", offsets.last_stable),
                format!("high watermark {}", offsets.high_watermark),
                open,
            ]);
        }
        Ok(table(&rows))
    }
}

/// All that a reader sees of a partition now, by the consumer's own rules for what is left out.
async fn read(cluster: &Cluster, at: &TopicPartition, level: IsolationLevel) -> Result<Vec<Seen>, Failure> {
    refresh(cluster, &at.topic).await?;
    let client = connect(cluster.leader(at).await?.0).await?;
    let (mut next, mut seen) = (0, Vec::new());
    loop {
        let partitions = vec![FetchPartition { at: at.clone(), offset: next, max_bytes: 1 << 20 }];
        let question =
            Waiting { max_wait_ms: 0, min_bytes: 1, question: FetchRequest { max_bytes: 1 << 20, partitions } };
        let answer = client.call::<FetchIsolated>(Isolated { level, question }).await?;
        let fetched = answer.partitions.into_iter().next().expect("one was asked").1?;
        let before = next;
        let answer = Fetched::new(at.clone(), next, fetched.high_watermark, fetched.records.0);
        if let Some(answer) = answer {
            let (mut answer, mut records) = (answer.without(fetched.aborted), Vec::new());
            answer.take(usize::MAX, true, &mut records)?;
            next = answer.next();
            let value = |bytes: Option<bytes::Bytes>| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
            seen.extend(records.into_iter().map(|record| (record.offset, value(record.value))));
        }
        if next == before {
            return Ok(seen);
        }
    }
}
