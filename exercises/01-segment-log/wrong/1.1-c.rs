//! why: the highest group first, as numbers are written on paper
//! shows: groups of 7 bits, lowest first

pub fn encode(value: i64, out: &mut impl BufMut) {
    let zigzag = ((value << 1) ^ (value >> 63)) as u64;
    let groups = (64 - (zigzag | 1).leading_zeros()).div_ceil(7);
    for group in (0..groups).rev() {
        let more = if group > 0 { 0x80 } else { 0 };
        out.put_u8((zigzag >> (7 * group)) as u8 & 0x7f | more);
    }
}
