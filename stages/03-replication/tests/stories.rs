//! This stage's stories: each is played, and must print what its snapshot says.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test -p replication --test stories`, then read the difference.

mod support {
    pub(crate) mod driver;
}

use support::driver::Driver;

story::stories! {
    offered: ["cluster"];
    driver: Driver::new();

    the_high_watermark_follows
}
