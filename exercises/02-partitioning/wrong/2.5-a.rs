//! why: a batch that would be exactly full is not filled
//! shows: 600 + 400 bytes are the 1000 of batch.size

pub fn placement(open: Option<usize>, incoming: usize, batch_size: usize) -> Placement {
    match open {
        Some(bytes) if bytes.saturating_add(incoming) < batch_size => Placement::Open,
        _ => Placement::New,
    }
}
