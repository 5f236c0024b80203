//! How fast, compared with what: `cargo bench -p partitioning` holds all contests and the sweep, prints tables, and writes
//! them and their pictures to `target/bench`. How a contest is held stands in the crate `contest`.
//!
//! Broker, clients and the plain ways beside them share one process and its cores, over the loopback network. So these are
//! ratios, and no promise of what a cluster does. Everything goes through the page cache, as it does in a broker.
//!
//! `-- --only produce` does one part, `-- --help` names them. `cargo test` only looks whether all of it works.

mod bed;
mod codecs;
mod fetch;
mod plain;
mod produce;
mod slow_net;
mod sweep;
mod workload;

use bed::Bed;
use contest::{Bench, Found, Outcome};

const BENCH: Bench<Bed> = Bench {
    package: "partitioning",
    about: "Measure what stage 02 claims about speed",
    scratch: env!("CARGO_TARGET_TMPDIR"),
    figures: concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/src/figures"),
    parts: &[
        ("produce", |bed, scale| produce::all(bed, scale).map(Found::Contests)),
        ("fetch", |bed, scale| fetch::all(bed, scale).map(Found::Contests)),
        ("compression", |bed, scale| codecs::all(bed, scale).map(Found::Contests)),
        ("batching", |bed, scale| sweep::plot(bed, scale).map(Found::Plot)),
    ],
};

fn main() -> Outcome<()> {
    BENCH.run(Bed::new, Bed::close)
}
