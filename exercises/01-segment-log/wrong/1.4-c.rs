//! why: a search from the front finds the right entry, and looks at all of them
//! shows: it is enough to look at 40 of them

pub fn floor<E: Entry>(entries: &[u8], key: E::Key) -> Option<usize> {
    let mut found = None;
    for (number, bytes) in entries.chunks_exact(E::SIZE).enumerate() {
        if E::decode(bytes).key() > key {
            break;
        }
        found = Some(number);
    }
    found
}
