//! What a partition knows of its producers: the rule, its life in a log, and lives that chance makes up.

mod life;
mod properties;
mod support;
mod verdict;
