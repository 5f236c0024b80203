//! `replication`: a cluster on the command line.

fn main() {}
