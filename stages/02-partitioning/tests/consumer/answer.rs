//! From bytes to records: what is skipped, what is passed over, and what stops.

use bytes::Bytes;
use partitioning::ConsumerRecord;
use partitioning::consumer::answer::Answer;
use proptest::prelude::*;
use segment_log::{BatchBuilder, Compression, Offset, Record};
use story::judge;

use crate::support::{batch, full, marker, offsets, orders, row};

const TAKE: &str = "src/consumer/answer.rs, fn Answer::take";
const FINISH: &str = "src/consumer/answer.rs, fn Answer::finish";

fn answer(from: Offset, bytes: Bytes) -> Answer {
    Answer::new(orders(0), from, Offset::MAX, bytes).expect("there is a whole batch")
}

/// Takes at most `limit` records.
fn take(answer: &mut Answer, limit: usize) -> Vec<ConsumerRecord> {
    let mut records = Vec::new();
    answer.take(limit, true, &mut records).expect("the batches hold");
    records
}

/// Takes all, until something does not hold: the offsets, and what is said.
fn take_until_fault(answer: &mut Answer, check_crcs: bool) -> (Vec<Offset>, String) {
    let mut records = Vec::new();
    let error = answer.take(usize::MAX, check_crcs, &mut records).expect_err("something does not hold");
    (offsets(&records), error.to_string())
}

#[test]
fn records_before_the_position_are_skipped() {
    let mut answer = answer(44, full(42..46).into());
    let rule = "asked for 44, a batch of 42 to 45 came: 44 and 45 are taken";
    judge::eq(rule, vec![44, 45], offsets(&take(&mut answer, 500)), TAKE);
    judge::eq("then the position is 46", 46, answer.next(), TAKE);
    judge::that("and nothing is left", answer.is_drained(), &answer, TAKE);
}

#[test]
fn every_codec_is_read() {
    for codec in Compression::ALL {
        let mut answer = answer(0, row(&[batch(0, &[0, 1, 2], 3, codec), batch(3, &[3, 4], 5, codec)]));
        let rule = format!("a batch that is packed with {codec} gives its records");
        judge::eq(&rule, vec![0, 1, 2, 3, 4], offsets(&take(&mut answer, 500)), TAKE);
    }
}

#[test]
fn a_poll_takes_a_piece_and_the_next_one_goes_on_there() {
    let mut answer = answer(1, row(&[full(0..3), full(3..7)]));
    let sizes = [1, 2, 2, 500, 500];
    let found: Vec<_> = sizes.map(|limit| (offsets(&take(&mut answer, limit)), answer.next())).to_vec();
    let expected = vec![(vec![1], 2), (vec![2, 3], 4), (vec![4, 5], 6), (vec![6], 7), (vec![], 7)];
    judge::eq("1, then 2, then 2 records, then all: each once, in order", expected, found, TAKE);
}

#[test]
fn a_position_passes_over_offsets_that_have_no_record() {
    let bytes = row(&[batch(0, &[1, 4], 8, Compression::Lz4), batch(10, &[12], 13, Compression::None)]);
    let mut answer = answer(0, bytes);
    judge::eq("compaction has left 1, 4 and 12", vec![1, 4], offsets(&take(&mut answer, 2)), TAKE);
    let rule = "4 is the last record of a batch that reached to before 8: the position is 8";
    judge::eq(rule, 8, answer.next(), FINISH);
    judge::eq("then comes 12", vec![12], offsets(&take(&mut answer, 2)), TAKE);
    judge::eq("and the position is 13", 13, answer.next(), FINISH);
}

#[test]
fn batches_that_show_nothing_are_passed_over() {
    let mut answer = answer(5, row(&[marker(5), batch(6, &[], 9, Compression::None), marker(9)]));
    judge::eq(
        "markers and an emptied batch have no records",
        Vec::<Offset>::new(),
        offsets(&take(&mut answer, 500)),
        TAKE,
    );
    judge::eq("the position is behind them all the same", (10, true), (answer.next(), answer.is_drained()), FINISH);
    let mut answer = answer_between();
    judge::eq("a marker between records takes an offset", vec![0, 1, 3], offsets(&take(&mut answer, 500)), TAKE);
}

fn answer_between() -> Answer {
    answer(0, row(&[full(0..2), marker(2), full(3..4)]))
}

#[test]
fn a_cut_off_batch_at_the_end_is_as_good_as_none() {
    let (first, second) = (full(0..2), full(2..4));
    for kept in 0..second.len() {
        let mut answer = answer(0, row(&[first.clone(), second[..kept].to_vec()]));
        let rule = format!("{kept} of {} bytes of the second batch: the first is read", second.len());
        let found = (offsets(&take(&mut answer, 500)), answer.next(), answer.is_drained());
        judge::eq(&rule, (vec![0, 1], 2, true), found, FINISH);
    }
    for kept in 0..first.len() {
        let found = Answer::new(orders(0), 0, Offset::MAX, Bytes::copy_from_slice(&first[..kept]));
        judge::that("without a whole batch there is no answer", found.is_none(), &found, "fn Answer::new");
    }
}

#[test]
fn damage_stops_the_position() {
    let mut damaged = full(4..6);
    *damaged.last_mut().expect("a batch has bytes") ^= 1;
    let bytes = row(&[full(0..4), damaged, full(6..8)]);
    let mut checked = answer(1, bytes.clone());
    let (found, told) = take_until_fault(&mut checked, true);
    judge::eq("what lies before the damage is taken", (vec![1, 2, 3], 4), (found, checked.next()), TAKE);
    let rule = "the error names the partition and the offset";
    judge::that(rule, told.starts_with("orders-0, offset 4: the checksum does not match"), &told, TAKE);
}

#[test]
fn without_check_crcs_the_checksum_is_not_looked_at() {
    let mut bytes = full(0..3);
    bytes[17] ^= 1;
    let mut records = Vec::new();
    let taken = answer(0, bytes.into()).take(500, false, &mut records);
    judge::that("check.crcs=false: a wrong checksum is not noticed", taken.is_ok(), taken, TAKE);
    judge::eq("check.crcs=false: the records are taken", vec![0, 1, 2], offsets(&records), TAKE);
}

/// A checksum that holds over records that do not: whoever made the batch made it so.
#[test]
fn a_batch_that_breaks_a_rule_is_named() {
    let sign = |mut bytes: Vec<u8>| {
        let crc = segment_log::batch::checksum(&bytes);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        bytes
    };
    let mut count = full(4..6);
    count[60] = 1;
    let mut codec = full(4..6);
    codec[22] |= 7;
    let mut garbage = full(4..6);
    garbage[22] |= Compression::Gzip.bits() as u8;
    let mut magic = full(4..6);
    magic[16] = 1;
    let cases = [
        (sign(count), vec![0, 4], "orders-0, offset 5: record 1 of the batch: bytes follow the last record"),
        (sign(codec), vec![0], "orders-0, offset 4: codec 7 does not exist"),
        (sign(garbage), vec![0], "orders-0, offset 4: gzip cannot read the compressed records"),
        (magic, vec![0], "orders-0, offset 4: magic is 1, and only format 2 is stored"),
    ];
    for (broken, before, rule) in cases {
        let (found, told) =
            take_until_fault(&mut answer(0, row(&[batch(0, &[0], 4, Compression::Zstd), broken])), true);
        judge::eq("what lies before it is taken", before, found, TAKE);
        judge::that(&format!("{rule}…"), told.starts_with(rule), &told, TAKE);
    }
}

#[test]
fn a_bomb_is_refused() {
    let mut builder = BatchBuilder::new(Compression::Zstd);
    builder.push(&Record::new(0, None, vec![0; segment_log::batch::DECOMPRESSED_LIMIT]));
    let bytes = builder.build().expect("memory for the bomb").into_bytes().freeze();
    assert!(bytes.len() < 100_000, "{} bytes", bytes.len());
    let (_, told) = take_until_fault(&mut answer(0, bytes), true);
    assert_eq!(told, "orders-0, offset 0: the zstd records grow beyond 67108864 bytes when decompressed");
}

/// The checksum does not cover the base offset. Records at a wrong place would be missed without a word, or be taken for
/// others; and a batch before the position would be fetched again for ever.
#[test]
fn a_batch_at_a_wrong_place_is_damage() {
    let rule = "batches follow each other from the offset that was asked for to the high watermark";
    let cases = [
        ("the first ends before what was asked for", 9, vec![full(0..9), full(9..11)], vec![], 9, 0),
        ("one goes back", 0, vec![full(0..3), full(1..4)], vec![0, 1, 2], 3, 1),
        ("one reaches beyond the high watermark", 0, vec![full(0..3), full(900..902)], vec![0, 1, 2], 3, 900),
    ];
    for (what, from, batches, before, at, base) in cases {
        let mut answer = Answer::new(orders(0), from, 20, row(&batches)).expect("there is a whole batch");
        let (found, told) = take_until_fault(&mut answer, true);
        let expected = format!("orders-0, offset {at}: base_offset is {base}, and {rule}");
        judge::eq(what, (before, expected), (found, told), TAKE);
    }
    let mut answer = Answer::new(orders(0), 2, 7, row(&[full(0..3), full(5..7)])).expect("there is a whole batch");
    judge::eq("gaps are no damage", vec![2, 5, 6], offsets(&take(&mut answer, 500)), TAKE);
}

#[test]
fn a_record_is_a_piece_of_its_batch() {
    let bytes = Bytes::from(full(0..1));
    let records = take(&mut answer(0, bytes.clone()), 1);
    let value = records[0].value.as_ref().expect("it has a value");
    assert!(bytes.as_ptr_range().contains(&value.as_ptr()), "nothing was copied");
    assert_eq!(records[0].headers.view().len(), 0);
}

fn codec() -> impl Strategy<Value = Compression> {
    proptest::sample::select(&Compression::ALL[..])
}

/// Batches in a row: of each, how far it lies behind the one before, which offsets it holds, and its codec.
fn batches() -> impl Strategy<Value = Vec<(Offset, Vec<bool>, Option<Compression>)>> {
    let codec = proptest::option::weighted(0.9, codec());
    proptest::collection::vec((0..3i64, proptest::collection::vec(any::<bool>(), 1..12), codec), 1..8)
}

proptest! {
    /// For any batches, with gaps between and inside, markers among them, any codec, any start and any sizes of polls: the
    /// records from the start on, each once, in order.
    #[test]
    fn each_record_once_in_order(
        batches in batches(),
        from in 0..40i64,
        sizes in proptest::collection::vec(1..9usize, 1..20),
        cut in 0..200usize,
    ) {
        let (mut row, mut expected, mut next) = (Vec::new(), Vec::new(), 0);
        for (gap, there, codec) in batches {
            let base = next + gap;
            match codec {
                None => {
                    next = base + 1;
                    row.push((next, marker(base)));
                }
                Some(codec) => {
                    next = base + there.len() as Offset;
                    let there: Vec<_> = (base..next).zip(there).filter(|(_, there)| *there).map(|(at, _)| at).collect();
                    row.push((next, batch(base, &there, next, codec)));
                    expected.extend(there);
                }
            }
        }
        // A broker begins with the batch that holds the position.
        let from = from.min(next - 1);
        expected.retain(|offset| *offset >= from);
        row.retain(|(end, _)| *end > from);
        let mut bytes: Vec<u8> = row.into_iter().flat_map(|(_, bytes)| bytes).collect();
        let behind = full(next..next + 3);
        bytes.extend_from_slice(&behind[..cut.min(behind.len() - 1)]);

        let mut answer = answer(from, bytes.into());
        let mut found = Vec::new();
        let mut sizes = sizes.iter().cycle();
        while !answer.is_drained() {
            let size = *sizes.next().expect("the sizes go round");
            let records = take(&mut answer, size);
            prop_assert!(records.len() <= size);
            prop_assert!(records.last().is_none_or(|last| last.offset < answer.next()));
            found.extend(offsets(&records));
        }
        prop_assert_eq!(found, expected);
        prop_assert_eq!(answer.next(), next);
    }

    /// One bit, anywhere in what a checksum covers.
    #[test]
    fn damage_gives_no_records(at in any::<proptest::sample::Index>(), bit in 0..8u32, codec in codec()) {
        let mut bytes = batch(0, &[0, 1, 2], 3, codec);
        let covered = bytes.len() - 17;
        bytes[17 + at.index(covered)] ^= 1 << bit;
        let mut records = Vec::new();
        prop_assert!(answer(0, bytes.into()).take(500, true, &mut records).is_err());
        prop_assert!(records.is_empty());
    }
}
