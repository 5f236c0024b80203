//! `dump`.

use crate::program::{Program, Ran, TIME, course};

#[test]
fn shows_everything_that_is_stored() {
    let program = Program::new();
    let lines: String = (0..8).map(|number| format!("key:value {number}\n")).collect();
    let settings = "--batch 2 --segment-bytes 300 --index-interval-bytes 90";
    program.run_with(&format!("append data --key-separator : {settings} {TIME}"), lines);
    let before = program.files("data");
    let expected = "\
data: closed in order
  recovery-point-offset-checkpoint: log-0 at 8

data/log-0: 2 segments

  00000000000000000000.log: 285 bytes
        byte  offsets               records      bytes  codec    max timestamp
           0  0 to 1                      2         95  none     1700000000000
          95  2 to 3                      2         95  none     1700000000000
         190  4 to 5                      2         95  none     1700000000000
  00000000000000000000.index: 2 entries
          offset            byte
               3              95
               5             190
  00000000000000000000.timeindex: 1 entry
       timestamp          offset
   1700000000000               1

  00000000000000000006.log: 95 bytes
        byte  offsets               records      bytes  codec    max timestamp
           0  6 to 7                      2         95  none     1700000000000
  00000000000000000006.index: 0 entries
  00000000000000000006.timeindex: 1 entry
       timestamp          offset
   1700000000000               7

  00000000000000000006.snapshot: the state before offset 6, 14 bytes
  00000000000000000008.snapshot: the state before offset 8, 14 bytes
";
    assert_eq!(program.run("dump data"), Ran::ok(expected));
    assert_eq!(program.files("data"), before, "looking changes nothing");

    let Ran { out, .. } = program.run("dump data --records");
    assert!(out.contains("\n              5 1700000000000 \"key\" \"value 5\"\n"), "{out}");
    // The log's own folder shows the same, without what the data folder knows.
    let (_, log) = expected.split_once("\n\n").unwrap();
    assert_eq!(program.run("dump data/log-0"), Ran::ok(log));
}

#[test]
fn shows_what_every_byte_means() {
    let program = Program::new();
    program.run_with(&format!("append data --key-separator : {TIME}"), "alice:paid 10\n");
    let Ran { out, .. } = program.run("dump data --bytes");
    let expected = "
           0  0 to 0                      1         80  none     1700000000000
           0  00 00 00 00 00 00 00 00  base_offset             0
           8  00 00 00 44              batch_length            68
          12  00 00 00 00              partition_leader_epoch  0
          16  02                       magic                   2
          17  23 03 b0 53              crc                     2303b053, and the bytes give it
          21  00 00                    attributes              compression none
          23  00 00 00 00              last_offset_delta       0
          27  00 00 01 8b cf e5 68 00  base_timestamp          1700000000000
          35  00 00 01 8b cf e5 68 00  max_timestamp           1700000000000
          43  ff ff ff ff ff ff ff ff  producer_id             -1: no producer
          51  ff ff                    producer_epoch          -1: none
          53  ff ff ff ff              base_sequence           -1: none
          57  00 00 00 01              records_count           1
              record 0
          61  24                       length                  18
          62  00                       attributes              0
          63  00                       timestamp_delta         0, so 1700000000000
          64  00                       offset_delta            0, so offset 0
          65  0a                       key_length              5
          66  61 6c 69 63 65           key                     \"alice\"
          71  0e                       value_length            7
          72  70 61 69 64 20 31 30     value                   \"paid 10\"
          79  00                       headers_count           0
  00000000000000000000.index: 0 entries
  00000000000000000000.timeindex: 1 entry
              entry 0
           0  00 00 01 8b cf e5 68 00  timestamp               1700000000000
           8  00 00 00 00              relative_offset         0, so offset 0
";
    assert!(out.contains(expected), "{out}");
}

#[test]
fn keeps_its_width_however_wide_the_data() {
    let program = Program::new();
    let lines = format!("{}\n{}\n", "wide ".repeat(100), "weit ä".repeat(50));
    program.run_with(&format!("append data --compression lz4 {TIME}"), lines);
    let Ran { out, .. } = program.run("dump data --records --bytes");
    assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
    assert!(out.contains("… and 476 bytes more\n"), "{out}");
    assert!(out.contains("\n              decompressed\n              record 0\n"), "{out}");
}

#[test]
fn shows_damage_in_its_place_and_goes_on() {
    let program = Program::with_records();
    let log = "data/log-0/00000000000000000000.log";
    program.flip(log, 70);
    let before = program.files("data");
    let Ran { out, err, code } = program.run("dump data --records");
    assert_eq!(code, 4);
    let rule = "byte 0: the checksum does not match: the header says ";
    assert!(out.contains(&format!("\n              {rule}")), "{out}");
    assert!(out.contains("2 1700000000000 \"alice\" \"paid 3\"\n"), "the next batch is shown: {out}");
    assert!(err.starts_with(&format!("segment-log: {log}, {rule}")), "{err}");
    assert_eq!(program.files("data"), before);

    // A length that leads nowhere ends the walk.
    program.flip(log, 9);
    let Ran { out, code, .. } = program.run("dump data --bytes");
    assert_eq!(code, 4);
    assert!(out.contains("byte 0: the batch is cut off: it needs 5570656 bytes and 187 are there\n"), "{out}");
    assert!(out.contains("187 bytes from there on are not shown\n"), "{out}");
    assert!(out.contains("           8  00 55 00 54              batch_length            5570644\n"), "{out}");
}

#[test]
fn tells_no_more_damage_than_a_person_will_read() {
    let program = Program::new();
    let lines: String = (0..15).map(|number| format!("{number}\n")).collect();
    program.run_with(&format!("append data --batch 1 {TIME}"), lines);
    let log = "data/log-0/00000000000000000000.log";
    let mut bytes = program.read_file(log);
    let mut at = 0;
    while at < bytes.len() {
        let size = 12 + u32::from_be_bytes(*bytes[at + 8..].first_chunk().unwrap()) as usize;
        bytes[at + 62] ^= 1;
        at += size;
    }
    program.write_file(log, bytes);
    let Ran { out, err, code } = program.run("dump data");
    assert_eq!(code, 4);
    assert_eq!(out.matches(": the checksum does not match: ").count(), 15, "{out}");
    assert_eq!(err.lines().count(), 12, "{err}");
    assert!(err.contains("\nsegment-log: and 5 more\n"), "{err}");
}

#[test]
fn shows_an_index_that_would_mislead() {
    let program = Program::new();
    let lines: String = (0..6).map(|number| format!("{number}\n")).collect();
    program.run_with(&format!("append data --batch 1 --index-interval-bytes 90 {TIME}"), lines);
    let index = "data/log-0/00000000000000000000.index";
    program.flip(index, 7);
    let Ran { out, err, code } = program.run("dump data");
    assert_eq!(code, 4);
    let position = u64::from(program.read_file(index)[7]);
    let rule = format!("entry 0 points at byte {position}, where no batch starts");
    assert!(out.contains(&format!("00000000000000000000.index would mislead: {rule}\n")), "{out}");
    assert!(err.starts_with(&format!("segment-log: {index}: {rule}\n")), "{err}");
}

#[test]
fn shows_a_log_that_kafka_wrote() {
    let program = Program::new();
    let fixture = course().join("tests/fixtures/segment");
    let Ran { out, err, code } = program.run(&format!("dump {} --records", fixture.display()));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("\n  00000000000000005244.timeindex: 1 entry\n"), "{out}");
    assert!(out.contains("transactional, control\n"), "{out}");
    assert!(out.contains(" Abort marker, of coordinator epoch "), "{out}");
    assert!(out.contains("  00000000000000005000.txnindex: not shown\n"), "{out}");
    let batches = std::fs::read_to_string(fixture.join("segment.json")).unwrap();
    let batches: serde_json::Value = serde_json::from_str(&batches).unwrap();
    let segments = batches["segments"].as_array().unwrap();
    let expected: usize = segments.iter().map(|segment| segment["batches"].as_array().unwrap().len()).sum();
    let rows = out.lines().filter(|line| line.len() == 78 && line.contains(" to ")).count();
    assert_eq!(rows, expected, "{out}");
}
