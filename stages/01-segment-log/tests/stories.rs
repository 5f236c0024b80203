//! This stage's stories: each is played, and must print what its snapshot says.
//!
//! The scripts lie in `tests/stories`, as later stages play them too. What they print here is in
//! `tests/snapshots/stories__NAME.snap`, and what the book's player draws in `tests/snapshots/traces/NAME.json`. After a
//! change that is meant: `INSTA_UPDATE=always cargo test -p segment-log --test stories`, then read the difference.

mod support {
    pub(crate) mod driver;
}

use support::driver::Driver;

story::stories! {
    offered: ["log", "disk"];
    driver: Driver::new();

    a_batch_too_large
    a_clean_stop
    a_hole_after_a_power_failure
    a_process_dies
    append_and_read_back
    compression_is_kept
    corrupt_byte_in_a_closed_segment
    corrupt_byte_in_what_was_flushed
    corrupt_byte_in_what_was_not_flushed
    delete_before
    flush_policies
    log_append_time
    lookup_between_two_index_entries
    lookup_by_time
    lookup_by_time_inside_a_batch
    lookup_in_a_later_segment
    lost_index
    null_is_not_empty
    offsets_with_gaps
    read_at_most_so_many_bytes
    retention_by_bytes
    retention_by_time
    rolling_by_age
    rolling_by_size
    rolling_when_an_index_is_full
    stale_index
    torn_tail
    truncation
    two_writers
    what_the_checksum_does_not_cover
    zip_bomb
}
