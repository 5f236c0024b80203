//! why: the range begins behind the attributes
//! shows: the checksum of java-plain is the one that its client wrote into `crc`

pub fn checksum(batch: &[u8]) -> u32 {
    crc32c::crc32c(&batch[23..])
}
