//! What is judged of this stage in exercises. Each test is one rule, and says which one is broken.

mod ending;
mod errors;
mod init;
mod ledger;
mod marker;
mod placing;
mod stable;
mod tickets;

use partitioning::{ErrorCode, Refusal};
use segment_log::control::{Marker, Outcome};
use segment_log::{
    AbortedTransaction, Appended, Batch, BatchBuilder, BatchView, Compression, Fold, Offset, Origin, Record, Verdict,
    codec,
};
use transactions::coordinator::Epochs;
use transactions::partition::{OpenTransaction, Transactions, TransactionsConfig, Verification};

const NOW: i64 = 1_700_000_000_000;

/// The end of a transaction.
const COMMIT: Outcome = Outcome::Commit;
const ABORT: Outcome = Outcome::Abort;

/// What a partition knows of transactions, and where its log ends.
struct Told {
    transactions: Transactions,
    end: Offset,
}

impl Told {
    fn new() -> Self {
        Self::with(Verification::BeforeFirstWrite, Epochs::OfTransaction)
    }

    fn with(verification: Verification, epochs: Epochs) -> Self {
        let config = TransactionsConfig { verification, epochs, ..TransactionsConfig::default() };
        Told { transactions: Transactions::new(config), end: 0 }
    }

    /// A partition that starts from a snapshot: who is open from which offset on, and which transactions have a marker that is not
    /// committed, from where to where.
    fn knowing(open: &[(i64, Offset)], decided: &[(Offset, Offset)]) -> Self {
        /// As `src/partition/snapshot.rs` writes it: producers, open, decided, markers.
        type Saved = (Vec<u8>, Vec<(i64, Offset)>, Vec<(Offset, Offset)>, Vec<u8>);
        let producers = Transactions::default().producers().snapshot();
        let saved: Saved = (producers, open.to_vec(), decided.to_vec(), Vec::new());
        let mut told = Told::new();
        let restored = told.transactions.restore(Some(&codec::encode(1, &saved)));
        restored.expect("the snapshot is of this version");
        told
    }

    /// The log holds this batch now. Gives its offset.
    fn holds(&mut self, mut batch: Batch) -> Offset {
        batch.set_place(self.end, 0);
        self.learns(&batch.view())
    }

    fn learns(&mut self, batch: &BatchView<'_>) -> Offset {
        let at = Appended::of(batch);
        self.transactions.apply(batch, &at);
        self.end = at.last_offset + 1;
        at.base_offset
    }

    /// The log holds a record of a transaction.
    fn record(&mut self, producer: i64, epoch: i16, number: i32) -> Offset {
        self.holds(record(producer, epoch, number))
    }

    /// The log holds a numbered record that is of no transaction.
    fn numbered(&mut self, producer: i64, epoch: i16, number: i32) -> Offset {
        let mut batch = BatchBuilder::new(Compression::None).producer(producer, epoch, number);
        batch.push(&Record::new(NOW, None, "of none"));
        self.holds(batch.build().expect("nothing is compressed"))
    }

    /// The log holds a record of none.
    fn of_none(&mut self) -> Offset {
        let mut batch = BatchBuilder::new(Compression::None);
        batch.push(&Record::new(NOW, None, "of none"));
        self.holds(batch.build().expect("nothing is compressed"))
    }

    /// The log holds a marker.
    fn marker(&mut self, producer: i64, epoch: i16, outcome: Outcome, coordinator: i32) -> Offset {
        self.holds(marker(producer, epoch, outcome, coordinator))
    }

    /// What becomes of a marker that is brought now.
    fn brought(&self, producer: i64, epoch: i16, outcome: Outcome, coordinator: i32) -> String {
        let mut batch = marker(producer, epoch, outcome, coordinator);
        batch.set_place(self.end, 0);
        said(self.transactions.check(&batch.view(), &Origin::Coordinator { leader_epoch: 0 }))
    }

    /// What becomes of a record that is sent now.
    fn sent(&self, producer: i64, epoch: i16, number: i32) -> String {
        let mut batch = record(producer, epoch, number);
        batch.set_place(self.end, 0);
        said(self.transactions.check(&batch.view(), &Origin::Client { leader_epoch: 0 }))
    }

    /// The transactions that are open: `p7 from 0`.
    fn open(&self) -> String {
        let one = |OpenTransaction { producer_id, first_offset }: OpenTransaction| {
            format!("p{producer_id} from {first_offset}")
        };
        let open: Vec<_> = self.transactions.open().map(one).collect();
        if open.is_empty() { "nothing".to_owned() } else { open.join(", ") }
    }

    /// What is to be noted beside the log: `p7: 0 to 3, stable up to 4`.
    fn noted(&mut self) -> String {
        match self.transactions.aborted() {
            None => "nothing".to_owned(),
            Some(AbortedTransaction { producer_id, first_offset, last_offset, last_stable_offset }) => {
                format!("p{producer_id}: {first_offset} to {last_offset}, stable up to {last_stable_offset}")
            }
        }
    }
}

fn said(verdict: Result<Verdict, segment_log::Rejection>) -> String {
    match verdict {
        Ok(Verdict::Write) => "it is written".to_owned(),
        Ok(Verdict::Duplicate(at)) => format!("it is there, at {}", at.base_offset),
        Err(rejection) => code_of(rejection.reason::<Refusal>().expect("a refusal")).to_owned(),
    }
}

fn code_of(refusal: &Refusal) -> &'static str {
    ErrorCode::name(refusal.code)
}

fn record(producer: i64, epoch: i16, number: i32) -> Batch {
    let mut batch = BatchBuilder::new(Compression::None).producer(producer, epoch, number).transactional();
    batch.push(&Record::new(NOW, None, "paid 10"));
    batch.build().expect("nothing is compressed")
}

fn marker(producer: i64, epoch: i16, outcome: Outcome, coordinator_epoch: i32) -> Batch {
    let note = Marker { outcome, coordinator_epoch };
    BatchBuilder::control(note, producer, epoch, NOW).build().expect("nothing is compressed")
}
