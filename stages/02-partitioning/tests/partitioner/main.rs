//! Partitioners: the hash and the choice by key are held against the Java client, the others against what they promise.

mod by_key;
#[path = "../support/fixtures.rs"]
mod fixtures;
mod kinds;
mod murmur2;
mod round_robin;
mod salted;
mod sticky;
mod sticky_by_bytes;
mod support;
