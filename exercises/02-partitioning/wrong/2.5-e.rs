//! why: a batch that has its size to the byte is not full, and lingers though nothing can join it
//! shows: 1000 bytes of 1000 are full

pub fn is_full(bytes: usize, batch_size: usize) -> bool {
    bytes > batch_size
}
