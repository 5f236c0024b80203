//! why: before the first entry it gives the first entry
//! shows: so none is at or before it

pub fn floor<E: Entry>(entries: &[u8], key: E::Key) -> Option<usize> {
    let count = entries.len() / E::SIZE;
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        let entry = E::decode(&entries[middle * E::SIZE..][..E::SIZE]);
        if entry.key() <= key {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    (count > 0).then(|| low.saturating_sub(1))
}
