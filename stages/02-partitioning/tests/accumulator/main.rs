//! The accumulator: which batch a record goes into, when a batch may leave, and what a request takes.

mod coming_back;
mod draining;
mod filling;
mod properties;
mod ready;
mod rules;
mod support;
