//! The tests that judge exercises and have no other home, one module for each exercise. A failure shows one screen: the
//! rule that broke, what was expected, what was found, and where to look.

mod alter;
mod elect;
mod placement;
mod support;
