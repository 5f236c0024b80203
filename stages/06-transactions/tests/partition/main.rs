//! What a partition knows of transactions: rules case by case, and lives that chance makes up.

mod letting_in;
mod lives;
mod markers;
mod support;
