//! What is judged of this stage in exercises, and what the rest of it rests on: when a wait is over, what is said then, and
//! what is sent again. Each test is one rule, and says which one is broken.

mod again;
mod never_twice;
mod polling;
mod produce;
mod shelf;
