//! why: the sum of the two sizes does not fit
//! shows: attempt to add with overflow

pub fn placement(open: Option<usize>, incoming: usize, batch_size: usize) -> Placement {
    match open {
        Some(bytes) if bytes + incoming <= batch_size => Placement::Open,
        _ => Placement::New,
    }
}
