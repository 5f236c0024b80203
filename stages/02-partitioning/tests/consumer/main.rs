//! The consumer: its positions, its records and its line are judged without a network; the rest over a network in memory,
//! with a clock that the test moves.

mod answer;
mod asking;
mod broker;
#[path = "../support/cables.rs"]
mod cables;
mod door;
mod model;
mod polling;
mod positions;
mod reading;
mod settings;
mod shelf;
mod support;
mod turns;
