//! The tests that judge the exercises of this stage, one module for each. A failure shows one screen: the rule that broke,
//! what was expected, what was found, and where to look. The story of exercise 2.9 is judged by `break_it.rs`.

mod catalogue;
mod frames;
mod names;
mod place;
