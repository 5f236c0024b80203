//! why: zigzag is forgotten, on both sides: it looks right until a number is negative
//! shows: zigzag makes 1 of -1

pub fn encode(value: i64, out: &mut impl BufMut) {
    let mut rest = value as u64;
    while rest >= 0x80 {
        out.put_u8(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.put_u8(rest as u8);
}

pub fn decode(input: &mut &[u8]) -> Result<i64, VarintError> {
    let mut value = 0u64;
    for (index, &byte) in input.iter().take(MAX_BYTES).enumerate() {
        if index == MAX_BYTES - 1 && byte > 1 {
            return Err(VarintError::TooLong);
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *input = &input[index + 1..];
            return Ok(value as i64);
        }
    }
    Err(VarintError::CutOff)
}
