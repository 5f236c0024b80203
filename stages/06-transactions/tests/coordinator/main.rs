//! The coordinator, one request after the other: its rules case by case, and lives that chance makes up.

mod crashes;
mod ending;
mod exhausted;
mod init;
mod partitions;
mod properties;
mod time;
mod world;
