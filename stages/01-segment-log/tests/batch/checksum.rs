//! What the checksum covers, and what may be written without it. Judges exercise 1.2.

use bytes::BytesMut;
use segment_log::Batch;
use segment_log::batch::{BatchView, FIELDS, checksum};
use story::judge;

use crate::judging::{batch_fields, fixture};

const CHECKSUM: &str = "src/batch.rs, fn checksum";
const SET_PLACE: &str = "src/batch/owned.rs, fn Batch::set_place";

/// Batches of three clients, with and without compression.
const MADE_BY_CLIENTS: [&str; 5] =
    ["java-plain", "java-base-offset", "kafka-python-gzip", "librdkafka-transactional", "java-commit-marker"];

fn made_by_client(name: &str) -> Vec<u8> {
    fixture(&format!("batches/{name}.bin"))
}

#[test]
fn gives_what_kafkas_clients_wrote() {
    for name in MADE_BY_CLIENTS {
        let expected = made_by_client(name);
        let mut found = expected.clone();
        found[17..21].copy_from_slice(&checksum(&expected).to_be_bytes());
        let rule = format!("the checksum of {name} is the one that its client wrote into `crc`");
        judge::bytes(&rule, &batch_fields(expected.len()), &expected, &found, CHECKSUM);
    }
}

#[test]
fn is_blind_before_the_attributes() {
    for name in MADE_BY_CLIENTS {
        let batch = made_by_client(name);
        let before = checksum(&batch);
        for (field, range) in FIELDS.into_iter().filter(|(_, range)| range.end <= 21) {
            for at in range {
                let mut changed = batch.clone();
                changed[at] ^= 0x01;
                let rule = format!("byte {at} ({field}) is not covered: changing it keeps the checksum");
                judge::eq(&rule, format!("{before:08x}"), format!("{:08x}", checksum(&changed)), CHECKSUM);
            }
        }
    }
}

#[test]
fn sees_every_byte_from_the_attributes_on() {
    for name in MADE_BY_CLIENTS {
        let batch = made_by_client(name);
        let before = checksum(&batch);
        for at in 21..batch.len() {
            let mut changed = batch.clone();
            changed[at] ^= 0x40;
            let after = checksum(&changed);
            let field = FIELDS.into_iter().find(|(_, range)| range.contains(&at)).map_or("records", |(field, _)| field);
            let rule = format!("byte {at} ({field}) is covered: changing it changes the checksum");
            judge::that(&rule, after != before, format_args!("{after:08x} before and after"), CHECKSUM);
        }
    }
}

#[test]
fn the_place_is_written_and_nothing_else() {
    for name in MADE_BY_CLIENTS {
        for (base_offset, epoch) in [(0, 0), (4_711, 3), (7, -1), (i64::MAX >> 1, i32::MAX)] {
            let mut expected = made_by_client(name);
            let batch = Batch::from_bytes(BytesMut::from(&expected[..]));
            judge::that("a batch that a client signed is accepted", batch.is_ok(), &batch, CHECKSUM);
            let mut batch = batch.expect("it was judged");
            batch.set_place(base_offset, epoch);
            expected[0..8].copy_from_slice(&base_offset.to_be_bytes());
            expected[12..16].copy_from_slice(&epoch.to_be_bytes());
            let rule = format!("set_place({base_offset}, {epoch}) writes these two fields, and no other byte");
            judge::bytes(&rule, &batch_fields(expected.len()), &expected, &batch.into_bytes(), SET_PLACE);
        }
    }
}

#[test]
fn a_placed_batch_still_holds() {
    let mut batch = Batch::from_bytes(BytesMut::from(&made_by_client("java-plain")[..])).expect("the client signed it");
    for base_offset in [0, 1, 1 << 40] {
        batch.set_place(base_offset, 9);
        let bytes = batch.clone().into_bytes();
        let verified = BatchView::parse(&bytes).and_then(|batch| batch.verify());
        judge::that("after set_place the checksum holds as before", verified.is_ok(), &verified, SET_PLACE);
        judge::eq("the batch says where it is", base_offset, batch.view().base_offset(), SET_PLACE);
    }
}
