//! `acks`: a cluster whose producers say how sure they want to be.

fn main() {}
