//! why: the tenth byte has room for one bit, and the other six are lost without a word
//! shows: the tenth byte has room for one bit more

pub fn decode(input: &mut &[u8]) -> Result<i64, VarintError> {
    let mut zigzag = 0u64;
    for (index, &byte) in input.iter().take(MAX_BYTES).enumerate() {
        zigzag |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *input = &input[index + 1..];
            return Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
        }
    }
    if input.len() < MAX_BYTES { Err(VarintError::CutOff) } else { Err(VarintError::TooLong) }
}
