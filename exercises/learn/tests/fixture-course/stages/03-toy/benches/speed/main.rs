//! Is not copied.
fn main() {}
