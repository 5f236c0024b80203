//! This stage's stories: each is played, and must print what its snapshot says.
//!
//! The scripts lie in `tests/stories`, as later stages play them too. What they print here is in
//! `tests/snapshots/stories__NAME.snap`, and what the book's player draws in `tests/snapshots/traces/NAME.json`. After a
//! change that is meant: `INSTA_UPDATE=always cargo test -p partitioning --test stories`, then read the difference.

mod support {
    pub(crate) mod driver;
}

use support::driver::Driver;

story::stories! {
    offered: ["broker"];
    driver: Driver::new();

    a_bad_frame_closes_one_connection
    a_deleted_topic_is_gone
    a_full_buffer_makes_the_producer_wait
    a_hot_key
    a_large_record_gets_through
    a_record_too_large
    a_slow_consumer_slows_nobody
    a_stopping_broker_answers_first
    compressed_by_the_producer
    from_the_middle_of_a_batch
    growing_a_topic_moves_keys
    linger_waits_for_company
    offset_out_of_range
    order_within_a_partition
    round_robin_balances
    rules_for_topics
    same_key_same_partition
    seek_to_a_time
    sticky_batches_are_larger
    the_catalogue_is_a_fold
    two_producers_one_partition
}
