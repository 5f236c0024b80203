//! Record batches: the format, held against bytes that Kafka's own clients wrote, and every way in which bytes are not a
//! batch.

mod builder;
mod checksum;
mod compression;
mod fixtures;
mod header;
#[path = "../support/judging.rs"]
mod judging;
#[path = "../support/judging_disk.rs"]
mod judging_disk;
mod nullable;
mod opened;
mod oracle;
mod records;
mod segment;
