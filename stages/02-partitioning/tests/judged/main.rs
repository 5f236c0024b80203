//! The tests that judge exercises and have no other home, one module for each exercise. A failure shows one screen: the
//! rule that broke, what was expected, what was found, and where to look.

mod budget;
mod catalogue;
mod frames;
mod names;
