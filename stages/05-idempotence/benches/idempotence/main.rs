//! What numbers cost, compared with the same without: `cargo bench -p idempotence` holds all contests, prints tables, and writes them
//! and their pictures to `target/bench`. How a contest is held stands in the crate `contest`.
//!
//! Stage 04's bed: controller, three brokers and their clients share one process and its cores, over the loopback network. So these
//! are ratios, and no promise of what a cluster does.
//!
//! `-- --only throughput` does one part, `-- --help` names them. `cargo test` only looks whether all of it works.

#[allow(dead_code, reason = "stage 04 measures more on it")]
#[path = "../../../04-acks/benches/acks/bed.rs"]
mod bed;
mod contests;
#[allow(dead_code, reason = "stage 04 measures more on it")]
#[path = "../../../04-acks/benches/acks/slow.rs"]
mod slow;

use acks::broker::Patience;
use bed::{Bed, Programs, serving};
use contest::{Bench, Found, Outcome};
use idempotence::broker::{open, open_controller};
use idempotence::producers::ProducersConfig;

const BENCH: Bench<Bed> = Bench {
    package: "idempotence",
    about: "Measure what stage 05 claims about speed",
    scratch: env!("CARGO_TARGET_TMPDIR"),
    figures: concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/src/figures"),
    parts: &[
        ("throughput", |bed, scale| contests::throughput(bed, scale).map(Found::Contests)),
        ("one-by-one", |bed, scale| contests::one_by_one(bed, scale).map(Found::Contests)),
    ],
};

/// This stage's.
const IDEMPOTENCE: Programs = Programs {
    broker: |host, config| {
        let opening = open(host, config, Patience::default(), ProducersConfig::default());
        Box::pin(async move { Ok(serving(opening.await?)) })
    },
    controller: |host, config| Box::pin(open_controller(host, config, Patience::default())),
};

fn main() -> Outcome<()> {
    BENCH.run(|scratch| Bed::with(&IDEMPOTENCE, scratch), Bed::close)
}
