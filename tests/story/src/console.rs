//! Console blocks.
