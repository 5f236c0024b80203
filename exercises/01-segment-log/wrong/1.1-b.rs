//! why: a byte has 8 bits, so one shifts by 8; the eighth is taken by the mark
//! shows: groups of 7 bits, lowest first

pub fn encode(value: i64, out: &mut impl BufMut) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.put_u8(rest as u8 | 0x80);
        rest >>= 8;
    }
    out.put_u8(rest as u8);
}
