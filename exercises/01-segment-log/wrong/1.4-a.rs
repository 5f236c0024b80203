//! why: it gives the first entry at or after the key: a walk from there would begin too late
//! shows: the last at or before 90 is number 1

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
    (low < count).then_some(low)
}
