//! The codecs: round trips, foreign framings, damage, and bombs.

use segment_log::{BatchBuilder, Compression, CompressionError, Record};

const CODECS: [Compression; 4] = [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

fn compressed(codec: Compression, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    codec.compress(plain, &mut out).expect("memory for a small buffer");
    out
}

/// Bytes that compress somewhat.
fn text(length: usize) -> Vec<u8> {
    (0..length).map(|at| b"the log is the truth "[at % 21] ^ ((at / 997) as u8 & 3)).collect()
}

#[test]
fn what_goes_in_comes_out() {
    for codec in Compression::ALL {
        for length in [0, 1, 100, 32 * 1024, 32 * 1024 + 1, 200_000] {
            let plain = text(length);
            let stored = compressed(codec, &plain);
            let back = codec.decompress(&stored, length).unwrap_or_else(|error| panic!("{codec}, {length}: {error}"));
            assert!(back == plain, "{codec}, {length} bytes");
        }
        assert_eq!(codec.name().parse(), Ok(codec));
        assert_eq!(Compression::from_attributes(codec.bits() | 0x30).expect("a codec"), codec);
    }
    let unknown = "brotli".parse::<Compression>().expect_err("no such codec");
    assert_eq!(unknown, "there is no codec `brotli`: use none, gzip, snappy, lz4 or zstd");
}

#[test]
fn a_bomb_is_refused_at_the_readers_limit() {
    const LIMIT: usize = 100_000;
    for codec in Compression::ALL {
        let bomb = compressed(codec, &vec![0; 3_000_000]);
        assert!(codec == Compression::None || bomb.len() < 200_000, "{codec} makes {} bytes of zeros", bomb.len());
        match codec.decompress(&bomb, LIMIT) {
            Err(CompressionError::TooLarge { codec: named, limit: LIMIT }) => assert_eq!(named, codec),
            other => panic!("{codec}: {other:?}"),
        }
        let plain = text(1_000);
        let stored = compressed(codec, &plain);
        assert!(codec.decompress(&stored, 1_000).is_ok(), "{codec}: the limit itself is allowed");
        assert!(matches!(codec.decompress(&stored, 999), Err(CompressionError::TooLarge { .. })), "{codec}");
    }
}

#[test]
fn a_batch_is_a_bomb_too() {
    for codec in CODECS {
        let mut builder = BatchBuilder::new(codec);
        builder.push(&Record::new(0, None, vec![0; 1 << 20]));
        let batch = builder.build().expect("memory for a small batch");
        let error = batch.view().records(1 << 16).expect_err("more than the reader wants");
        let rule = format!("the {codec} records grow beyond 65536 bytes when decompressed");
        assert_eq!(error.to_string(), rule);
    }
}

/// A few bytes that claim to be gigabytes reserve nothing.
#[test]
fn a_claim_reserves_nothing() {
    let snappy_of_4_gib = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00];
    let error = Compression::Snappy.decompress(&snappy_of_4_gib, 1 << 20).expect_err("the claim is above the limit");
    assert!(matches!(error, CompressionError::TooLarge { .. }), "{error}");
    // A zstd frame whose window is 2^30: frame magic, descriptor without a size, window byte.
    let zstd_of_1_gib = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00];
    let error = Compression::Zstd.decompress(&zstd_of_1_gib, 1 << 20).expect_err("the window is above the limit");
    assert!(matches!(error, CompressionError::Damaged { .. }), "{error}");
}

#[test]
fn damage_names_the_codec() {
    for codec in CODECS {
        let whole = compressed(codec, &text(5_000));
        let cut_off = codec.decompress(&whole[..whole.len() / 2], 1 << 20);
        assert!(matches!(cut_off, Err(CompressionError::Damaged { codec: named, .. }) if named == codec), "{codec}");
        let error = codec.decompress(b"\x99 this is none of them", 1 << 20).expect_err("not compressed");
        assert!(error.to_string().starts_with(&format!("{codec} cannot read the compressed records: ")), "{error}");
    }
}

#[test]
fn several_gzip_members_are_one_buffer() {
    let two = [compressed(Compression::Gzip, b"first "), compressed(Compression::Gzip, b"second")].concat();
    assert_eq!(Compression::Gzip.decompress(&two, 100).expect("two members"), b"first second");
}

#[test]
fn snappy_is_read_raw_and_in_blocks() {
    let plain = text(70_000);
    let raw = |bytes: &[u8]| snap::raw::Encoder::new().compress_vec(bytes).expect("memory for a small buffer");
    assert_eq!(Compression::Snappy.decompress(&raw(&plain), 70_000).expect("raw, as librdkafka writes it"), plain);

    let ours = compressed(Compression::Snappy, &plain);
    assert!(ours.starts_with(b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01"), "xerial's header");
    let mut lengths = Vec::new();
    let mut rest = &ours[16..];
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        lengths.push(snap::raw::decompress_len(&after[..length]).expect("a block"));
        rest = &after[length..];
    }
    assert_eq!(lengths, [32_768, 32_768, 4_464]);
}

#[test]
fn damaged_blocks_of_snappy_say_what_is_wrong() {
    let whole = compressed(Compression::Snappy, b"some records");
    let mut negative = whole.clone();
    negative[16] = 0x80;
    for (bytes, rule) in [
        (&whole[..12], "the stream header is cut off"),
        (&whole[..18], "a block's length is cut off"),
        (&negative, "a block's length is negative"),
        (&whole[..whole.len() - 1], "a block is cut off"),
    ] {
        let error = Compression::Snappy.decompress(bytes, 1 << 20).expect_err(rule);
        assert_eq!(error.to_string(), format!("snappy cannot read the compressed records: {rule}"));
    }
    // The bound holds for all blocks together.
    let blocks = [&whole[..], &whole[16..]].concat();
    assert_eq!(Compression::Snappy.decompress(&blocks, 24).expect("two blocks"), b"some recordssome records");
    assert!(matches!(Compression::Snappy.decompress(&blocks, 23), Err(CompressionError::TooLarge { .. })));
}
