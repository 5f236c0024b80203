//! The four codecs a batch may be compressed with, and a bound on what comes out.
//!
//! Only the records are compressed. The 61-byte header stays readable, so a log can order, index and copy a batch
//! without knowing what is inside. That is why a broker can store a batch as it came and serve it as it was stored.
//!
//! A few compressed bytes can claim to be gigabytes. So whoever decompresses says how much he is ready to hold, and
//! gets an error beyond it instead of an exhausted machine.
//!
//! | bits | codec  | framing                                                        |
//! |------|--------|----------------------------------------------------------------|
//! | 0    | none   |                                                                |
//! | 1    | gzip   | one gzip member or several                                     |
//! | 2    | snappy | xerial's blocks (`snappy.rs`); raw snappy is read too           |
//! | 3    | lz4    | LZ4 frame                                                      |
//! | 4    | zstd   | zstd frames (KIP-110)                                          |

mod snappy;

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

/// A batch's codec: bits 0 to 2 of its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// Records as they are.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// Google's snappy in the framing of the Java library `xerial/snappy-java`.
    Snappy,
    /// The LZ4 frame format.
    Lz4,
    /// Zstandard, RFC 8878.
    Zstd,
}

/// Why compressed bytes gave no records.
#[derive(Debug, thiserror::Error)]
pub enum CompressionError {
    /// Attributes name a codec that does not exist.
    #[error("codec {0} does not exist: 0 is none, 1 gzip, 2 snappy, 3 lz4, 4 zstd")]
    UnknownCodec(i16),
    /// The bytes are not what the codec makes.
    #[error("{codec} cannot read the compressed records: {source}")]
    Damaged {
        /// The codec that the batch names.
        codec: Compression,
        /// What the codec's library said.
        source: io::Error,
    },
    /// More comes out than the reader is ready to hold.
    #[error("the {codec} records grow beyond {limit} bytes when decompressed")]
    TooLarge {
        /// The codec that the batch names.
        codec: Compression,
        /// The reader's bound, in bytes.
        limit: usize,
    },
}

impl Compression {
    /// All codecs, in the order of their bits.
    pub const ALL: [Compression; 5] =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

    /// The codec that bits 0 to 2 of a batch's attributes name.
    ///
    /// # Errors
    ///
    /// [`CompressionError::UnknownCodec`] for 5, 6 and 7.
    pub fn from_attributes(attributes: i16) -> Result<Self, CompressionError> {
        let bits = attributes & 0b111;
        Self::ALL.get(bits as usize).copied().ok_or(CompressionError::UnknownCodec(bits))
    }

    /// The bits that name this codec in a batch's attributes.
    pub fn bits(self) -> i16 {
        self as i16
    }

    /// The codec's name, as in Kafka's `compression.type`.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Snappy => "snappy",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        }
    }

    /// Compresses `records` and appends the result to `out`.
    ///
    /// # Errors
    ///
    /// [`CompressionError::Damaged`] if the codec's library fails, which it does only for want of memory.
    pub fn compress(self, records: &[u8], out: &mut Vec<u8>) -> Result<(), CompressionError> {
        let written = match self {
            Compression::None => out.write_all(records),
            Compression::Gzip => gzip(records, out),
            Compression::Snappy => snappy::compress(records, out),
            Compression::Lz4 => lz4(records, out),
            Compression::Zstd => zstd::stream::copy_encode(records, out, zstd::DEFAULT_COMPRESSION_LEVEL),
        };
        written.map_err(|source| CompressionError::Damaged { codec: self, source })
    }

    /// Decompresses `records`, at most to `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`CompressionError::TooLarge`] beyond `limit`, [`CompressionError::Damaged`] if the bytes are not this codec's.
    pub fn decompress(self, records: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
        let damaged = |source| CompressionError::Damaged { codec: self, source };
        let too_large = CompressionError::TooLarge { codec: self, limit };
        let stream: Box<dyn Read + '_> = match self {
            Compression::None => Box::new(records),
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(records)),
            Compression::Snappy => {
                return snappy::decompress(records, limit).map_err(damaged)?.ok_or(too_large);
            }
            Compression::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(records)),
            Compression::Zstd => Box::new(zstd_reader(records, limit).map_err(damaged)?),
        };
        let mut plain = Vec::new();
        // One byte more than allowed is enough to know that there is more.
        stream.take((limit as u64).saturating_add(1)).read_to_end(&mut plain).map_err(damaged)?;
        if plain.len() > limit { Err(too_large) } else { Ok(plain) }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Compression {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|codec| codec.name() == name);
        known.ok_or_else(|| format!("there is no codec `{name}`: use none, gzip, snappy, lz4 or zstd"))
    }
}

fn gzip(records: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
    encoder.write_all(records)?;
    encoder.finish().map(drop)
}

fn lz4(records: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(out);
    encoder.write_all(records)?;
    encoder.finish().map(drop).map_err(io::Error::from)
}

/// A zstd frame names the window its reader must hold before the first byte comes out. A window is honest up to 8 MiB
/// (level 19) or up to the size of what is read; a larger claim is refused instead of allocated.
fn zstd_reader(records: &[u8], limit: usize) -> io::Result<zstd::Decoder<'_, &[u8]>> {
    let mut decoder = zstd::Decoder::with_buffer(records)?;
    let log2_of_limit = usize::BITS - limit.saturating_sub(1).leading_zeros();
    decoder.window_log_max(log2_of_limit.clamp(23, 27))?;
    Ok(decoder)
}
