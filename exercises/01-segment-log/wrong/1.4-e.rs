//! why: positions are counted in entries and used in bytes
//! shows: the last at or before 90 is number 1

pub fn floor<E: Entry>(entries: &[u8], key: E::Key) -> Option<usize> {
    let (mut low, mut high) = (0, entries.len() / E::SIZE);
    while low < high {
        let middle = low + (high - low) / 2;
        let entry = E::decode(&entries[middle..][..E::SIZE]);
        if entry.key() <= key {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.checked_sub(1)
}
