//! The controller as a program: a folder, a port, and clients that ask.

mod flaky_disk;
mod folder;
mod serving;
mod support;
