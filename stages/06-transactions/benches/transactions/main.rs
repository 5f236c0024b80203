//! What transactions cost, by how many records each has: `cargo bench -p transactions` measures it, prints a table, and writes it and
//! its picture to `target/bench`. How it is measured stands in the crate `contest`.
//!
//! Stage 04's bed: controller, three brokers and their clients share one process and its cores, over the loopback network. So these
//! are ratios, and no promise of what a cluster does.
//!
//! `cargo test` only looks whether all of it works.

#[allow(dead_code, reason = "stage 04 measures more on it")]
#[path = "../../../04-acks/benches/acks/bed.rs"]
mod bed;
mod sizes;
#[allow(dead_code, reason = "stage 04 measures more on it")]
#[path = "../../../04-acks/benches/acks/slow.rs"]
mod slow;

use acks::broker::Patience;
use bed::{Bed, Programs, serving};
use contest::{Bench, Found, Outcome};
use transactions::broker::{TransactionSettings, open};

const BENCH: Bench<Bed> = Bench {
    package: "transactions",
    about: "Measure what stage 06 claims about speed",
    scratch: env!("CARGO_TARGET_TMPDIR"),
    figures: concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/src/figures"),
    parts: &[("sizes", |bed, scale| sizes::plot(bed, scale).map(Found::Plot))],
};

/// This stage's.
const TRANSACTIONS: Programs = Programs {
    broker: |host, config| {
        let opening = open(host, config, Patience::default(), TransactionSettings::default());
        Box::pin(async move { Ok(serving(opening.await?)) })
    },
    controller: |host, config| Box::pin(idempotence::broker::open_controller(host, config, Patience::default())),
};

fn main() -> Outcome<()> {
    BENCH.run(|scratch| Bed::with(&TRANSACTIONS, scratch), Bed::close)
}
