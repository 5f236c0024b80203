//! The tests that judge the exercises of this stage and that are no other program's, one module for each exercise. A
//! failure shows one screen: the rule that broke, what was expected, what was found, and where to look.

mod catalogue;
mod frames;
mod names;
