//! why: it is asked whether the batch has room at all, and not whether the record fits
//! shows: 600 + 401 bytes are beyond the 1000 of batch.size

pub fn placement(open: Option<usize>, incoming: usize, batch_size: usize) -> Placement {
    let _ = incoming;
    match open {
        Some(bytes) if bytes < batch_size => Placement::Open,
        _ => Placement::New,
    }
}
