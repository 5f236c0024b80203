//! Numbers in few bytes, and a shelf. „Größe“ — the letters are there on purpose.

pub mod shelf;
pub mod varint;
