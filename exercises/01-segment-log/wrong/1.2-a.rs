//! why: a checksum over everything: then the log could not write the offset
//! shows: the checksum of java-plain is the one that its client wrote into `crc`

pub fn checksum(batch: &[u8]) -> u32 {
    crc32c::crc32c(batch)
}
