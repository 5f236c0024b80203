//! Frames in a stream of bytes. Judges exercise 2.2.

use bytes::BytesMut;
use partitioning::wire::{FrameError, Frames};
use story::judge::{self, Field};
use tokio_util::codec::Decoder;

const ANNOUNCED: &str = "src/wire.rs, fn Frames::announced";
const DECODE: &str = "src/wire.rs, fn <Frames as Decoder>::decode";

/// The limit in these tests.
const MAX: usize = 1_000;

/// A frame as it travels.
fn framed(frame: &[u8]) -> Vec<u8> {
    [&(frame.len() as u32).to_be_bytes()[..], frame].concat()
}

/// What one call makes of a buffer, and what it leaves in it.
fn decoded(frames: &mut Frames, buffer: &mut BytesMut) -> String {
    let found = match frames.decode(buffer) {
        Ok(None) => "not yet".to_owned(),
        Ok(Some(frame)) => format!("frame [{}]", hex(&frame)),
        Err(error) => kind(&error),
    };
    format!("{found}, left [{}]", hex(buffer))
}

fn hex(bytes: &[u8]) -> String {
    const MOST: usize = 8;
    let shown: Vec<String> = bytes.iter().take(MOST).map(|byte| format!("{byte:02x}")).collect();
    match bytes.len() {
        0..=MOST => shown.join(" "),
        more => format!("{} … {more} bytes", shown.join(" ")),
    }
}

fn kind(error: &FrameError) -> String {
    match error {
        FrameError::Empty => "Empty".to_owned(),
        FrameError::TooLong { length, max, looks_like } => {
            let looks_like = looks_like.map_or(String::new(), |other| format!(", looks like {other}"));
            format!("TooLong, {length} of {max}{looks_like}")
        }
        other => format!("{other:?}"),
    }
}

/// One call on these bytes.
#[track_caller]
fn judge_one(rule: &str, bytes: &[u8], expected: &str, look_at: &str) {
    let found = decoded(&mut Frames { max: MAX }, &mut BytesMut::from(bytes));
    judge::text(rule, expected, &found, look_at);
}

#[test]
fn the_length_comes_first_its_highest_byte_first() {
    let rule = "00 00 00 03 is the length 3: the highest byte comes first, and the four do not count themselves";
    judge_one(rule, &[0, 0, 0, 3, 0xaa, 0xbb, 0xcc], "frame [aa bb cc], left []", ANNOUNCED);
    let long = framed(&[0xee; 300]);
    judge::bytes(
        "00 00 01 2c is the length 300",
        &[Field::new("the frame", 0..300)],
        &[0xee; 300],
        &Frames { max: MAX }.decode(&mut BytesMut::from(&long[..])).ok().flatten().unwrap_or_default(),
        ANNOUNCED,
    );
}

#[test]
fn a_length_that_is_not_all_there_is_waited_for() {
    for bytes in [&[][..], &[0], &[0, 0], &[0, 0, 0], &[0xff, 0xff, 0xff]] {
        let rule = format!("{} of a length's 4 bytes: nothing is known yet, and they stay where they are", bytes.len());
        judge_one(&rule, bytes, &format!("not yet, left [{}]", hex(bytes)), ANNOUNCED);
    }
}

/// What one call gives, whatever it leaves in the buffer.
fn given(bytes: &[u8]) -> String {
    let found = Frames { max: MAX }.decode(&mut BytesMut::from(bytes));
    let told = |frame: Option<BytesMut>| frame.map_or("not yet".to_owned(), |frame| format!("{} bytes", frame.len()));
    found.map_or_else(|error| kind(&error), told)
}

#[test]
fn a_frame_may_be_as_long_as_the_limit_and_no_longer() {
    let judge = |rule: &str, expected: &str, bytes: &[u8]| judge::text(rule, expected, &given(bytes), ANNOUNCED);
    judge("a frame of 1000 bytes, and 1000 are allowed", "not yet", &[0, 0, 3, 232]);
    let rule = "a frame of 1001 bytes, and 1000 are allowed: known as soon as the length is there";
    judge(rule, "TooLong, 1001 of 1000", &[0, 0, 3, 233]);
    judge(
        "the longest frame that four bytes can announce",
        "TooLong, 4294967295 of 1000",
        &[0xff, 0xff, 0xff, 0xff, 0],
    );
    let whole = [&[0, 0, 3, 233][..], &[0; 1_001]].concat();
    judge("a frame that is too long is refused, also if all of it is there", "TooLong, 1001 of 1000", &whole);
}

#[test]
fn a_frame_of_no_bytes_is_refused() {
    let rule = "a frame has at least a header, so a length of 0 is an error";
    judge::text(rule, "Empty", &given(&[0, 0, 0, 0]), ANNOUNCED);
    judge::text(rule, "Empty", &given(&[0, 0, 0, 0, 0, 0, 0, 1, 9]), ANNOUNCED);
}

#[test]
fn whoever_speaks_another_protocol_is_told() {
    let rule = "`GET ` is a length of 1195725856, and `other_protocol` knows what it is";
    judge::text(rule, "TooLong, 1195725856 of 1000, looks like HTTP", &given(b"GET / HTTP/1.1\r\n"), ANNOUNCED);
    let rule = "a length that is too long, and nobody's first bytes";
    judge::text(rule, "TooLong, 1195725857 of 1000", &given(b"GET!"), ANNOUNCED);
}

#[test]
fn a_frame_that_is_not_all_there_is_waited_for() {
    let whole = framed(b"abcde");
    for cut in 4..whole.len() {
        let rule =
            format!("{cut} of 9 bytes are there: the frame is not given, and all of them stay for the next call");
        judge_one(&rule, &whole[..cut], &format!("not yet, left [{}]", hex(&whole[..cut])), DECODE);
    }
}

#[test]
fn a_frame_is_given_once_it_is_whole_and_without_its_length() {
    let (mut frames, mut buffer) = (Frames { max: MAX }, BytesMut::new());
    let whole = framed(b"abcde");
    for (index, &byte) in whole.iter().enumerate() {
        buffer.extend_from_slice(&[byte]);
        let expected = match index + 1 == whole.len() {
            true => "frame [61 62 63 64 65], left []".to_owned(),
            false => format!("not yet, left [{}]", hex(&whole[..=index])),
        };
        let rule = format!("byte by byte: {} of 9 have come", index + 1);
        judge::text(&rule, &expected, &decoded(&mut frames, &mut buffer), DECODE);
    }
}

#[test]
fn what_follows_a_frame_stays() {
    let bytes = [framed(b"ab"), framed(b"c"), vec![0, 0]].concat();
    let (mut frames, mut buffer) = (Frames { max: MAX }, BytesMut::from(&bytes[..]));
    let expected = [
        ("the first frame is taken, and what follows is the next call's", "frame [61 62], left [00 00 00 01 63 00 00]"),
        ("the second is all there too", "frame [63], left [00 00]"),
        ("half a length follows", "not yet, left [00 00]"),
    ];
    for (rule, expected) in expected {
        judge::text(rule, expected, &decoded(&mut frames, &mut buffer), DECODE);
    }
}

#[test]
fn there_is_room_for_what_has_not_come_but_not_for_all_that_was_announced() {
    let room = |announced: usize, have: usize| {
        let bytes = [&(announced as u32).to_be_bytes()[..], &vec![0; have]].concat();
        let mut buffer = BytesMut::from(&bytes[..]);
        let before = buffer.capacity();
        let _ = Frames { max: 100 << 20 }.decode(&mut buffer);
        (buffer.capacity() - buffer.len(), before)
    };
    let (found, _) = room(900, 100);
    let rule = "100 of 900 bytes have come: the buffer has room for the other 800 at least";
    judge::that(rule, found >= 800, format_args!("room for {found} bytes"), DECODE);
    let (found, _) = room(90 << 20, 0);
    let rule = "90 MiB are announced and none have come: room for 64 KiB (GROWTH) more, not for all of it";
    judge::that(rule, (64 << 10..=128 << 10).contains(&found), format_args!("room for {found} bytes"), DECODE);
    let (found, before) = room(90 << 20, 1 << 20);
    let rule = "90 MiB are announced and 1 MiB has come: room for 64 KiB (GROWTH) more, or what doubling gives";
    judge::that(
        rule,
        (64 << 10..=before + (64 << 10)).contains(&found),
        format_args!("room for {found} bytes"),
        DECODE,
    );
}

#[test]
fn a_length_that_is_refused_takes_no_memory() {
    let mut buffer = BytesMut::from(&[0x06, 0x40, 0, 0][..]);
    let before = buffer.capacity();
    let _ = Frames { max: MAX }.decode(&mut buffer);
    let rule = "100 MiB are announced, and 1000 bytes are allowed: the buffer does not grow";
    let found = buffer.capacity();
    judge::that(rule, found == before, format_args!("{before} bytes before, {found} after"), DECODE);
}

#[test]
fn the_frames_are_the_same_in_whatever_pieces_they_come() {
    let sent: Vec<Vec<u8>> =
        (1..).zip([1, 3, 4, 5, 64, 999, MAX, 2]).map(|(number, size)| vec![number; size]).collect();
    let bytes: Vec<u8> = sent.iter().flat_map(|frame| framed(frame)).collect();
    let told = |frames: &[Vec<u8>]| frames.iter().map(|frame| hex(frame) + "\n").collect::<String>();
    for piece in [1, 2, 3, 4, 5, 7, 64, 333, bytes.len()] {
        let (mut frames, mut buffer, mut found) = (Frames { max: MAX }, BytesMut::new(), Vec::new());
        for piece in bytes.chunks(piece) {
            buffer.extend_from_slice(piece);
            // One more than were sent is enough to see that something is wrong.
            while found.len() <= sent.len()
                && let Ok(Some(frame)) = frames.decode(&mut buffer)
            {
                found.push(frame.to_vec());
            }
        }
        let rule = format!("8 frames come in pieces of {piece} bytes: all are found, in order");
        judge::text(&rule, &told(&sent), &told(&found), DECODE);
        judge::text("and nothing is left of them", "", &hex(&buffer), DECODE);
    }
}
