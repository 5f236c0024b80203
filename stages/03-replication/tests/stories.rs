//! This stage's stories: each is played, and must print what its snapshot says.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test -p replication --test stories`, then read the difference.

mod support {
    pub(crate) mod driver;
    pub(crate) mod own;
}

use support::driver::Driver;
use support::own::Replication;

story::stories! {
    offered: ["cluster"];
    driver: Driver::new(Replication);

    a_broker_does_not_live_its_past_again
    a_clean_stop_moves_the_leader_first
    a_disk_is_lost
    a_leader_dies
    a_leader_that_is_cut_off
    a_name_comes_back
    a_restart_that_is_noticed
    a_slow_follower_leaves_and_returns
    an_unclean_election_loses
    cut_at_the_high_watermark_a_record_is_lost
    cut_at_the_high_watermark_two_logs_fork
    cut_by_epoch_no_log_forks
    cut_by_epoch_nothing_is_lost
    partitions_are_spread
    replicas_move
    the_controller_dies
    the_high_watermark_follows
    too_few_in_sync_and_nothing_is_committed
}
