//! Has no exercises yet.
