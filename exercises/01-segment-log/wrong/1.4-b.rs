//! why: an entry with exactly this key is passed over
//! shows: the last at or before 41 is number 0

pub fn floor<E: Entry>(entries: &[u8], key: E::Key) -> Option<usize> {
    let count = entries.len() / E::SIZE;
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        let entry = E::decode(&entries[middle * E::SIZE..][..E::SIZE]);
        if entry.key() < key {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.checked_sub(1)
}
