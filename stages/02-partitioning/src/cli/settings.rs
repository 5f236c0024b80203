//! A server's settings: their keys in Kafka, what each may be, and what it sets.
//!
//! A topic's settings stand among them, by the same keys: what is set for a server holds for every topic that does not set
//! it itself. (Kafka has two names for these: `retention.ms` of a topic is `log.retention.ms` of a broker.)
//!
//! Each program has a list of its own, for its own kind of configuration `C`. What all servers have is here.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use segment_log::LogConfig;

use super::assignment;
use crate::{Limits, ServiceLimits};

/// What Kafka calls an `int` ends here.
pub const INT: u64 = i32::MAX as u64;
/// What Kafka calls a `short` ends here.
pub const SHORT: u64 = i16::MAX as u64;
/// Timers run for up to 49 days, and memory is counted up to 4 GiB.
pub const U32: u64 = u32::MAX as u64;

/// A setting of the server itself.
pub struct Setting<C> {
    /// Its name, as in Kafka.
    pub key: &'static str,
    /// What it is if nobody sets it.
    pub default: String,
    /// What it does, for a help text.
    pub about: &'static str,
    kind: Kind<C>,
}

/// Sets a value of type `T` in settings of type `C`.
type Set<C, T> = Box<dyn Fn(&mut C, T)>;

enum Kind<C> {
    Number(RangeInclusive<u64>, Set<C, u64>),
    Flag(Set<C, bool>),
    /// The words that it may be, and what the one at some place of the list sets.
    Choice(Vec<&'static str>, Set<C, usize>),
}

impl<C> Setting<C> {
    /// A number. `set` is given one within the range.
    pub fn number(
        key: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
        about: &'static str,
        set: impl Fn(&mut C, u64) + 'static,
    ) -> Self {
        Setting { key, default: default.to_string(), about, kind: Kind::Number(range, Box::new(set)) }
    }

    /// Milliseconds, from 1 on.
    pub fn millis(
        key: &'static str,
        default: u64,
        about: &'static str,
        set: impl Fn(&mut C, Duration) + 'static,
    ) -> Self {
        Self::number(key, default, 1..=U32, about, move |config, number| set(config, Duration::from_millis(number)))
    }

    /// Yes or no.
    pub fn flag(key: &'static str, default: bool, about: &'static str, set: impl Fn(&mut C, bool) + 'static) -> Self {
        Setting { key, default: default.to_string(), about, kind: Kind::Flag(Box::new(set)) }
    }

    /// One of some words, each of which stands for a value.
    pub fn choice<T: Copy + 'static>(
        key: &'static str,
        default: &str,
        choices: &'static [(&'static str, T)],
        about: &'static str,
        set: impl Fn(&mut C, T) + 'static,
    ) -> Self {
        let words = choices.iter().map(|(word, _)| *word).collect();
        let set = Box::new(move |config: &mut C, place: usize| set(config, choices[place].1));
        Setting { key, default: default.to_owned(), about, kind: Kind::Choice(words, set) }
    }

    /// The same setting of a configuration that has this one as a part: a later stage's server is told all that this one is
    /// told, and more.
    pub fn of_part<W: 'static>(self, part: fn(&mut W) -> &mut C) -> Setting<W>
    where
        C: 'static,
    {
        let Setting { key, default, about, kind } = self;
        let kind = match kind {
            Kind::Number(range, set) => Kind::Number(range, Box::new(move |whole, value| set(part(whole), value))),
            Kind::Flag(set) => Kind::Flag(Box::new(move |whole, value| set(part(whole), value))),
            Kind::Choice(words, set) => Kind::Choice(words, Box::new(move |whole, value| set(part(whole), value))),
        };
        Setting { key, default, about, kind }
    }

    /// What it may be: the end of a sentence.
    pub fn rule(&self) -> String {
        match &self.kind {
            Kind::Number(range, _) => format!("it is from {} to {}", range.start(), range.end()),
            Kind::Flag(_) => "it is true or false".to_owned(),
            Kind::Choice(words, _) => format!("it is {}", words.join(" or ")),
        }
    }

    fn set(&self, config: &mut C, value: &str) -> Result<(), String> {
        let is_set = match &self.kind {
            Kind::Number(range, set) => {
                value.parse().ok().filter(|number| range.contains(number)).map(|number| set(config, number))
            }
            Kind::Flag(set) => value.parse().ok().map(|flag| set(config, flag)),
            Kind::Choice(words, set) => words.iter().position(|word| *word == value).map(|place| set(config, place)),
        };
        is_set.ok_or_else(|| format!("{} is {value}, and {}", self.key, self.rule()))
    }
}

impl<C> fmt::Debug for Setting<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setting({}={})", self.key, self.default)
    }
}

/// All settings of a server.
#[derive(Debug)]
pub struct Settings<C> {
    /// Those of its own.
    pub own: Vec<Setting<C>>,
    /// Where topics' settings go.
    pub log: fn(&mut C) -> &mut LogConfig,
}

impl<C> Settings<C> {
    /// Changes one setting.
    ///
    /// # Errors
    ///
    /// A sentence that names the setting and the rule, or the settings that there are.
    pub fn set(&self, config: &mut C, key: &str, value: &str) -> Result<(), String> {
        if let Some(setting) = self.own.iter().find(|setting| setting.key == key) {
            return setting.set(config, value);
        }
        if LogConfig::SETTINGS.iter().any(|setting| setting.key == key) {
            return (self.log)(config).set(key, value).map_err(|error| error.to_string());
        }
        Err(format!("there is no setting {key}; there are {}", self.keys().join(", ")))
    }

    /// Reads `key=value`, if it can be set so. `config` is any, to try it on.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set), and if there is no `=`.
    pub fn parse(&self, text: &str, mut config: C) -> Result<(String, String), String> {
        let (key, value) = assignment(text)?;
        self.set(&mut config, &key, &value)?;
        Ok((key, value))
    }

    /// The keys.
    pub fn keys(&self) -> Vec<&'static str> {
        let own = self.own.iter().map(|setting| setting.key);
        own.chain(LogConfig::SETTINGS.iter().map(|setting| setting.key)).collect()
    }

    /// Those of `whose` own with their defaults, for a help text.
    pub fn help(&self, whose: &str) -> String {
        let own = self.own.iter().map(|setting| entry(setting.key, &setting.default, setting.about));
        format!("{whose} settings:\n{}", own.collect::<Vec<_>>().join("\n"))
    }
}

/// Topics' settings with their defaults, for a help text.
pub fn topics_help() -> String {
    let entries = LogConfig::SETTINGS.iter().map(|setting| entry(setting.key, setting.default, setting.about));
    format!("Topics' settings, where a topic has none of its own:\n{}", entries.collect::<Vec<_>>().join("\n"))
}

fn entry(key: &str, default: &str, about: &str) -> String {
    format!("  {key}={default}\n      {about}")
}

/// What whoever connects may take.
pub fn limits<C: 'static>(of: fn(&mut C) -> &mut Limits) -> Vec<Setting<C>> {
    vec![
        Setting::number(
            "max.connections",
            1_000,
            1..=INT,
            "connections at once; more are closed as they come",
            move |config, number| of(config).max_connections = number as usize,
        ),
        Setting::millis(
            "connections.max.idle.ms",
            600_000,
            "a connection is closed if it asks nothing for so many milliseconds",
            move |config, time| of(config).idle = time,
        ),
        Setting::number(
            "socket.request.max.bytes",
            100 << 20,
            1024..=INT,
            "the longest request",
            move |config, number| of(config).max_frame = number as usize,
        ),
        Setting::number(
            "queued.max.request.bytes",
            512 << 20,
            1..=U32,
            "bytes of requests that were read and not yet answered, of all connections",
            move |config, number| of(config).request_memory = number as usize,
        ),
    ]
}

/// What requests for records may ask for.
pub fn service<C: 'static>(of: fn(&mut C) -> &mut ServiceLimits) -> Setting<C> {
    Setting::number(
        "fetch.max.bytes",
        55 << 20,
        1024..=INT,
        "bytes of records in one answer, whatever a consumer asks for",
        move |config, number| of(config).fetch_max_bytes = number as usize,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Part {
        word: u8,
        time: Duration,
        flag: bool,
    }

    #[derive(Debug, Default, PartialEq)]
    struct Whole {
        part: Part,
    }

    fn of_the_part() -> Vec<Setting<Part>> {
        vec![
            Setting::choice(
                "word",
                "One",
                &[("One", 1), ("Two", 2), ("Three", 3)],
                "a word",
                |part: &mut Part, word| {
                    part.word = word;
                },
            ),
            Setting::millis("time", 5, "a time", |part: &mut Part, time| part.time = time),
            Setting::flag("flag", false, "a flag", |part: &mut Part, flag| part.flag = flag),
        ]
    }

    #[test]
    fn a_choice_is_one_of_its_words() {
        let (choice, mut part) = (&of_the_part()[0], Part::default());
        assert_eq!((choice.set(&mut part, "Three"), part.word), (Ok(()), 3));
        for wrong in ["three", "", "4"] {
            assert_eq!(choice.set(&mut part, wrong), Err(format!("word is {wrong}, and it is One or Two or Three")));
        }
        assert_eq!(part.word, 3, "what is refused sets nothing");
    }

    #[test]
    fn a_larger_configuration_has_the_settings_of_its_part() {
        let mut whole = Whole::default();
        let settings: Vec<_> =
            of_the_part().into_iter().map(|setting| setting.of_part(|whole: &mut Whole| &mut whole.part)).collect();
        for (setting, value) in settings.iter().zip(["Two", "7", "true"]) {
            setting.set(&mut whole, value).unwrap();
        }
        assert_eq!((whole.part.word, whole.part.time.as_millis(), whole.part.flag), (2, 7, true));
        let told: Vec<_> =
            settings.iter().map(|setting| (setting.key, setting.default.as_str(), setting.about)).collect();
        assert_eq!(told, [("word", "One", "a word"), ("time", "5", "a time"), ("flag", "false", "a flag")]);
    }
}
