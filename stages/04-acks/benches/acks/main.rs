//! What it costs to be sure, compared with not being sure: `cargo bench -p acks` holds all contests, prints tables, and writes them
//! and their pictures to `target/bench`. How a contest is held stands in the crate `contest`.
//!
//! Controller, three brokers and their clients share one process and its cores, over the loopback network. So these are ratios,
//! and no promise of what a cluster does: on machines of their own, followers would not take the leader's cores, and each answer
//! would take longer.
//!
//! `-- --only throughput` does one part, `-- --help` names them. `cargo test` only looks whether all of it works.

mod bed;
mod contests;
mod latency;
mod slow;

use bed::Bed;
use contest::{Bench, Found, Outcome};

const BENCH: Bench<Bed> = Bench {
    package: "acks",
    about: "Measure what stage 04 claims about speed",
    scratch: env!("CARGO_TARGET_TMPDIR"),
    figures: concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/src/figures"),
    parts: &[
        ("throughput", |bed, scale| contests::throughput(bed, scale).map(Found::Contests)),
        ("one-by-one", |bed, scale| contests::one_by_one(bed, scale).map(Found::Contests)),
        ("latency", |bed, scale| latency::plot(bed, scale).map(Found::Plot)),
        ("slow-follower", |bed, scale| contests::slow_follower(bed, scale).map(Found::Contests)),
    ],
};

fn main() -> Outcome<()> {
    BENCH.run(Bed::new, Bed::close)
}
