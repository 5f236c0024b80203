//! why: no open batch is taken for an empty one: there is nothing to put the record into
//! shows: no batch is open

pub fn placement(open: Option<usize>, incoming: usize, batch_size: usize) -> Placement {
    if open.unwrap_or(0).saturating_add(incoming) <= batch_size { Placement::Open } else { Placement::New }
}
