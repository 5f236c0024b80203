//! Back-pressure: how much may wait, and for how long `send` does.

use std::time::Duration;

use partitioning::producer::{ProducerConfig, ProducerRecord};
use partitioning::{Error, ErrorCode};

use crate::support::{config, ms, one, order, settle, timed};

/// Room for three records of 200 bytes with a batch each, of which the sender sends one at a time.
fn tight() -> ProducerConfig {
    ProducerConfig {
        buffer_memory: 900,
        batch_size: 0,
        linger: Duration::ZERO,
        max_in_flight: 1,
        max_block: ms(2_000),
        ..config()
    }
}

fn long(text: &str) -> ProducerRecord {
    order(format!("{text:x<200}"))
}

#[tokio::test(start_paused = true)]
async fn send_waits_for_memory_and_goes_on_when_there_is_some() {
    let (mut fakes, producer) = one(tight());
    for number in 0..3 {
        let ((), after) = timed(async { drop(producer.send(long(&format!("{number}"))).await.unwrap()) }).await;
        assert_eq!(after, 0);
    }
    let answering = async {
        let asked = fakes.next().await;
        tokio::time::sleep(ms(700)).await;
        asked.accept(0);
    };
    let (sent, after) = timed(async { tokio::join!(producer.send(long("3")), answering).0 }).await;
    assert!(sent.is_ok());
    assert_eq!(after, 700);
    let stats = producer.stats();
    assert_eq!((stats.records, stats.waits, stats.waited), (4, 1, ms(700)));
}

#[tokio::test(start_paused = true)]
async fn send_does_not_wait_longer_than_max_block_ms() {
    let (mut fakes, producer) = one(tight());
    for number in 0..3 {
        producer.send(long(&format!("{number}"))).await.unwrap();
    }
    let (sent, after) = timed(producer.send(long("3"))).await;
    let told = "no room for the record within max.block.ms = 2000: buffer.memory = 900 bytes wait to be sent";
    assert_eq!((sent.unwrap_err().to_string(), after), (told.to_owned(), 2_000));
    assert_eq!(producer.stats().records, 3);
    // The record is not sent later either.
    for number in 0..3 {
        let asked = fakes.next().await;
        assert!(asked.values()[0].starts_with(&format!("{number}x")));
        asked.accept(0);
    }
    assert!(fakes.within(10_000).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn max_block_ms_0_does_not_wait_at_all() {
    let (_fakes, producer) = one(ProducerConfig { max_block: Duration::ZERO, ..tight() });
    let unknown = producer.send(long("0")).await.unwrap_err();
    assert_eq!(unknown.to_string(), "nothing is known of the topic orders after max.block.ms = 0");
    let (_fakes, producer) = one(ProducerConfig { max_block: ms(1), ..tight() });
    for number in 0..3 {
        producer.send(long(&format!("{number}"))).await.unwrap();
    }
    let (sent, after) = timed(producer.send(long("3"))).await;
    assert!(matches!(sent, Err(Error::BufferFull { .. })), "{sent:?}");
    assert_eq!(after, 1);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_are_served_in_the_order_in_which_they_came() {
    let (mut fakes, producer) = one(tight());
    for number in 0..3 {
        producer.send(long(&format!("{number}"))).await.unwrap();
    }
    let waiting = async {
        let large = producer.send(order("L".repeat(500)));
        // This one would fit as soon as the first answer comes. It does not overtake.
        let small = producer.send(order("S"));
        let (large, small) = tokio::join!(large, small);
        assert!(large.is_ok() && small.is_ok());
    };
    let answering = async {
        let mut first_letters = String::new();
        for _ in 0..5 {
            let asked = fakes.next().await;
            first_letters.push_str(&asked.values()[0][..1]);
            tokio::time::sleep(ms(10)).await;
            asked.accept(0);
        }
        first_letters
    };
    let ((), letters) = tokio::join!(waiting, answering);
    assert_eq!(letters, "012LS");
}

#[tokio::test(start_paused = true)]
async fn nothing_lingers_when_memory_is_short() {
    let linger = ms(3_600_000);
    let (mut fakes, producer) = one(ProducerConfig { linger, batch_size: 16_384, max_in_flight: 5, ..tight() });
    for number in 0..3 {
        producer.send(long(&format!("{number}"))).await.unwrap();
    }
    settle().await;
    assert!(fakes.within(1_000).await.is_none(), "there is room, so records linger");
    let answering = async {
        let (asked, after) = timed(fakes.next()).await;
        assert_eq!((asked.values().len(), after), (3, 0));
        asked.accept(0);
    };
    let (sent, ()) = tokio::join!(producer.send(long("3")), answering);
    assert!(sent.is_ok());
}

#[tokio::test(start_paused = true)]
async fn whoever_stops_waiting_has_sent_nothing() {
    let (mut fakes, producer) = one(tight());
    for number in 0..3 {
        producer.send(long(&format!("{number}"))).await.unwrap();
    }
    tokio::time::timeout(ms(100), producer.send(long("dropped"))).await.expect_err("there is no room");
    for number in 0..3 {
        let asked = fakes.next().await;
        assert!(asked.values()[0].starts_with(&format!("{number}x")));
        asked.accept(0);
    }
    // All memory is free again: this record needs nearly all of it.
    let delivery = producer.send(order("y".repeat(800))).await.unwrap();
    fakes.next().await.accept(3);
    assert_eq!(delivery.await.unwrap().offset, 3);
}

#[tokio::test(start_paused = true)]
async fn memory_comes_back_however_a_record_ends() {
    let (mut fakes, producer) = one(tight());
    for number in 0..40 {
        let delivery = producer.send(order("y".repeat(800))).await.unwrap();
        let asked = fakes.next().await;
        match number % 4 {
            0 => asked.accept(number),
            1 => asked.refuse(ErrorCode::MessageTooLarge),
            2 => asked.hang_up(),
            _ => asked.answer(Err(ErrorCode::InvalidRequest.because("not today"))),
        }
        assert_eq!(delivery.await.is_ok(), number % 4 == 0);
    }
    assert_eq!(producer.stats().waits, 0, "nobody had to wait, so nothing was lost");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_no_request_has_room_for_is_refused_at_once() {
    let (fakes, producer) = one(ProducerConfig { max_request_size: 500, ..config() });
    let error = producer.send(order("x".repeat(500))).await.unwrap_err();
    assert_eq!(error.to_string(), "the record takes up to 586 bytes, and max.request.size allows 500");
    assert_eq!(fakes.times_told(), 0, "for that nobody need be asked");
    assert!(producer.send(order("x".repeat(414))).await.is_ok(), "61 + 21 + 4 + 414 = 500 bytes");
    let error = producer.send(order("x".repeat(415))).await.unwrap_err();
    assert!(matches!(error, Error::RecordTooLarge { size: 501, limit: 500, .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_memory_has_no_room_for_is_refused_at_once() {
    let (_fakes, producer) = one(ProducerConfig { buffer_memory: 400, ..config() });
    let error = producer.send(order("x".repeat(400))).await.unwrap_err();
    assert_eq!(error.to_string(), "the record takes up to 486 bytes, and buffer.memory allows 400");
}

#[tokio::test(start_paused = true)]
async fn keys_and_headers_count_too() {
    let (_fakes, producer) = one(ProducerConfig { max_request_size: 500, ..config() });
    let mut record = order("");
    record.key = Some(vec![b'k'; 300].into());
    record.headers = vec![segment_log::Header { key: "h".repeat(100), value: Some(vec![b'v'; 100].into()) }];
    let error = producer.send(record).await.unwrap_err();
    assert!(matches!(error, Error::RecordTooLarge { setting: "max.request.size", .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn max_block_ms_bounds_both_waits_together() {
    let (mut fakes, producer) = one(tight());
    for number in 0..3 {
        producer.send(long(&format!("{number}"))).await.unwrap();
    }
    // What is known of the topic is old, and the broker is silent: a second goes by before it is used all the same. Then
    // memory is full.
    tokio::time::advance(Duration::from_secs(301)).await;
    fakes.told.lock().unwrap().is_silent = true;
    let (sent, after) = timed(producer.send(long("3"))).await;
    assert!(matches!(sent, Err(Error::BufferFull { .. })), "{sent:?}");
    assert_eq!(after, 2_000);
    fakes.next().await.accept(0);
}
