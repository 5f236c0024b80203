//! A topic's own settings. Most are its logs', and stage 02 judges those. Two are for the replicas together: whoever elects
//! a leader goes by them, and whoever leads.
//!
//! | key | default | |
//! |---|---|---|
//! | `min.insync.replicas` | 1 | with fewer replicas in sync nothing is committed |
//! | `unclean.leader.election.enable` | `false` | if nobody who is in sync is alive, anybody may lead |
//!
//! Keys and defaults are Kafka's. What a topic does not set, the cluster's default says. That default is part of no record:
//! all brokers and the controller must have the same one, or they disagree about what is committed.

use std::collections::BTreeMap;

use partitioning::{ErrorCode, Refusal};
use segment_log::Setting;

/// Fewest replicas in sync.
pub const MIN_IN_SYNC: &str = "min.insync.replicas";
/// Whether data may be given up for a leader.
pub const UNCLEAN: &str = "unclean.leader.election.enable";

/// The settings that are not a log's.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: MIN_IN_SYNC,
        default: "1",
        rule: "it is from 1 to 2147483647",
        about: "with fewer replicas in sync nothing is committed",
    },
    Setting {
        key: UNCLEAN,
        default: "false",
        rule: "it is true or false",
        about: "if nobody who is in sync is alive, anybody may lead, and what only others have is lost",
    },
];

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicSettings {
    /// `min.insync.replicas`.
    pub min_in_sync: usize,
    /// `unclean.leader.election.enable`.
    pub unclean: bool,
}

impl Default for TopicSettings {
    fn default() -> Self {
        TopicSettings { min_in_sync: 1, unclean: false }
    }
}

impl TopicSettings {
    /// Takes a topic's settings apart: these two, `defaults` where the topic says nothing; and the rest, which is its logs'
    /// ([`log_config`](partitioning::topics::log_config)).
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`](ErrorCode::InvalidConfig), which names the setting and the rule.
    pub fn split(
        configs: &BTreeMap<String, String>,
        defaults: TopicSettings,
    ) -> Result<(TopicSettings, BTreeMap<String, String>), Refusal> {
        let (mut settings, mut rest) = (defaults, BTreeMap::new());
        for (key, value) in configs {
            if !settings.set(key, value)? {
                rest.insert(key.clone(), value.clone());
            }
        }
        Ok((settings, rest))
    }

    /// What a topic that there is goes by. It was judged before it was made. If another version of this program made it, by
    /// other rules, then what this one cannot read counts as not set.
    pub fn of(configs: &BTreeMap<String, String>, defaults: TopicSettings) -> TopicSettings {
        let mut settings = defaults;
        for (key, value) in configs {
            // A refusal has set nothing.
            settings.set(key, value).ok();
        }
        settings
    }

    /// Sets one by its key. Gives whether it is one of these.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`](ErrorCode::InvalidConfig).
    pub fn set(&mut self, key: &str, value: &str) -> Result<bool, Refusal> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else { return Ok(false) };
        let is_set = match key {
            MIN_IN_SYNC => {
                let least = value.parse::<i32>().ok().filter(|&least| least >= 1);
                least.map(|least| self.min_in_sync = least as usize)
            }
            _ => value.parse().ok().map(|unclean| self.unclean = unclean),
        };
        let shown = partitioning::topics::name::shown(value);
        is_set
            .map(|()| true)
            .ok_or_else(|| ErrorCode::InvalidConfig.because(format!("{key} is {shown}, and {}", setting.rule)))
    }
}
