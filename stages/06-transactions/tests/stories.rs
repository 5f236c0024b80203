//! This stage's stories: each is played, and must print what its snapshot says.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test -p transactions --test stories`, then read the difference.

// Not all of it is used here.
#[allow(dead_code)]
#[path = "../../03-replication/tests/support/driver/mod.rs"]
mod cluster;
mod driver;
#[allow(dead_code)]
#[path = "../../04-acks/tests/driver/mod.rs"]
mod with_acks;
#[allow(dead_code)]
#[path = "../../05-idempotence/tests/driver/mod.rs"]
mod with_producers;

use driver::TransactionsDriver;

story::stories! {
    offered: ["cluster", "acks", "idempotence", "transactions"];
    driver: TransactionsDriver::new();

    a_broker_does_not_live_its_past_again
    a_clean_stop_moves_the_leader_first
    a_disk_is_lost
    a_duplicate_waits_for_the_high_watermark
    a_gap_in_the_log_and_the_epoch_goes_up
    a_late_end_decides_over_the_next_transaction
    a_late_record_hangs
    a_late_record_is_not_let_in
    a_leader_dies
    a_leader_that_is_cut_off
    a_name_comes_back
    a_new_start_is_a_new_producer
    a_producer_outlives_its_records
    a_producer_takes_too_long_and_goes_on
    a_record_ends_in_time
    a_restart_that_is_noticed
    a_retry_is_no_duplicate
    a_retry_is_not_overtaken
    a_retry_is_overtaken
    a_retry_to_a_new_leader_is_no_duplicate
    a_silent_producer_is_forgotten
    a_slow_follower_leaves_and_returns
    a_transaction_that_takes_too_long_is_aborted
    a_transfer_is_whole_or_not_at_all
    a_zombie_is_fenced
    acks_0_hears_nothing
    acks_1_loses_an_acknowledged_record
    acks_all_does_not_say_what_it_does_not_know
    an_open_transaction_holds_readers_back
    an_unclean_election_loses
    cut_at_the_high_watermark_a_record_is_lost
    cut_at_the_high_watermark_two_logs_fork
    cut_by_epoch_no_log_forks
    cut_by_epoch_nothing_is_lost
    each_partition_counts_for_itself
    each_transaction_has_its_epoch
    five_batches_are_remembered
    half_a_transfer
    ids_come_in_blocks
    killing_all_brokers_loses_nothing
    markers_come_one_by_one
    numbers_decide
    one_at_a_time_keeps_the_order
    partitions_are_spread
    power_fails_at_all
    power_fails_at_all_that_flush
    power_fails_at_one_in_sync_broker
    records_of_two_partitions_count_together
    replicas_move
    sent_again_at_least_once
    sent_once_at_most_once
    the_controller_dies
    the_coordinator_dies_after_it_has_decided
    the_coordinator_dies_with_an_open_transaction
    the_high_watermark_follows
    the_last_in_sync_does_not_lead_without_memory
    the_last_in_sync_loses_its_memory
    the_leader_dies_in_a_transaction
    the_leader_moves_under_a_producer
    too_few_in_sync_and_nothing_is_committed
    too_few_in_sync_before_and_after
    too_few_in_sync_keep_no_other_transaction_waiting
    unknown_producers_begin_at_0
    waiting_for_the_epoch_as_well
    waiting_for_the_high_watermark_alone
    what_is_aborted_is_never_seen
    what_is_cut_off_is_forgotten
    why_a_producer_takes_the_next_epoch
}
