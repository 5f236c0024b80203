//! What can be typed at the prompt.

use std::time::Duration;

use partitioning::TopicPartition;

use super::members::Name;

/// How long `wait` waits, if nobody says how long.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is shown by `help`.
pub(super) const HELP: &str = "\
kill N               the machine dies (SIGKILL)        start N     it comes back, with its disk
stop N               it is stopped in order (SIGTERM)
pause N              it stalls (SIGSTOP)               resume N    it goes on
isolate N            its cables to the controller and  heal N      they are mended
                     to other brokers are cut; clients still reach it
topic NAME [PARTITIONS [REPLICAS]]                     make a topic
produce TOPIC TEXT   one record, without a key         consume TOPIC   all records that are committed
at N produce …       a client that knows broker N alone: on its side of a cut cable. Also: at N consume …
elect T-P [unclean]  the preferred leader, or anybody  move T-P N,N,…   other replicas
show [TOPIC]         how all stands                    wait [SECONDS]   until all is at rest
log N [LINES]        what it has logged last           quit
N is a broker's number, or `controller`; T-P is a partition, as in orders-0.";

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Order {
    Kill(Name),
    Start(Name),
    Stop(Name),
    Pause(Name),
    Resume(Name),
    Isolate(Name),
    Heal(Name),
    Topic {
        name: String,
        partitions: Option<u32>,
        replicas: Option<u16>,
    },
    /// `at`: the only broker that the client knows.
    Produce {
        at: Option<i32>,
        topic: String,
        text: String,
    },
    Consume {
        at: Option<i32>,
        topic: String,
    },
    Elect {
        partition: TopicPartition,
        unclean: bool,
    },
    Move {
        partition: TopicPartition,
        to: Vec<i32>,
    },
    Show(Option<String>),
    Wait(Duration),
    Log(Name, usize),
    Help,
    Quit,
}

impl Order {
    /// Reads a line; `None` if there is nothing in it, or only a comment.
    pub(super) fn parse(line: &str) -> Result<Option<Order>, String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let (verb, rest) = word(line);
        if verb == "at" {
            let (id, rest) = word(rest);
            let id = id.parse().map_err(|_| format!("`{id}` is no broker: `at 1 produce orders hello`"))?;
            return at(Some(id), rest).map(Some);
        }
        if matches!(verb, "produce" | "consume") {
            return at(None, line).map(Some);
        }
        let words: Vec<_> = rest.split_whitespace().collect();
        order(verb, &words).map(Some)
    }
}

/// What a client does.
fn at(at: Option<i32>, line: &str) -> Result<Order, String> {
    let (verb, rest) = word(line);
    let (topic, text) = word(rest);
    match (verb, topic, text) {
        ("produce", "", _) | ("produce", _, "") => Err("`produce` takes a topic and a text".to_owned()),
        ("produce", topic, text) => Ok(Order::Produce { at, topic: topic.to_owned(), text: text.to_owned() }),
        ("consume", topic, "") if !topic.is_empty() => Ok(Order::Consume { at, topic: topic.to_owned() }),
        ("consume", ..) => Err("`consume` takes a topic".to_owned()),
        _ => Err(format!("behind `at` comes `produce` or `consume`, and not `{verb}`")),
    }
}

fn order(verb: &str, words: &[&str]) -> Result<Order, String> {
    if let Some(act) = act(verb) {
        return match words {
            [one] => Ok(act(name(one)?)),
            _ => Err(format!("`{verb}` takes a broker's number, or `controller`")),
        };
    }
    match (verb, words) {
        ("topic", [name]) => topic(name, None, None),
        ("topic", [name, partitions]) => topic(name, Some(partitions), None),
        ("topic", [name, partitions, replicas]) => topic(name, Some(partitions), Some(replicas)),
        ("topic", _) => Err("`topic` takes a name, and then how many partitions and replicas".to_owned()),
        ("elect", [at]) => Ok(Order::Elect { partition: partition(at)?, unclean: false }),
        ("elect", [at, "unclean"]) => Ok(Order::Elect { partition: partition(at)?, unclean: true }),
        ("elect", _) => Err("`elect` takes a partition, as in orders-0, and then `unclean` if it must be".to_owned()),
        ("move", [at, to]) => Ok(Order::Move { partition: partition(at)?, to: ids(to)? }),
        ("move", _) => Err("`move` takes a partition and its brokers, as in orders-0 2,3,1".to_owned()),
        ("show", []) => Ok(Order::Show(None)),
        ("show", [topic]) => Ok(Order::Show(Some((*topic).to_owned()))),
        ("show", _) => Err("`show` takes one topic at most".to_owned()),
        ("wait", []) => Ok(Order::Wait(PATIENCE)),
        ("wait", [seconds]) => Ok(Order::Wait(Duration::from_secs(number::<u32>(seconds, "seconds")?.into()))),
        ("wait", _) => Err("`wait` takes seconds".to_owned()),
        ("log", [one]) => Ok(Order::Log(name(one)?, 10)),
        ("log", [one, lines]) => Ok(Order::Log(name(one)?, number::<u16>(lines, "lines")?.into())),
        ("log", _) => Err("`log` takes a broker's number, or `controller`, and how many lines".to_owned()),
        ("help", []) => Ok(Order::Help),
        ("quit", []) => Ok(Order::Quit),
        ("help" | "quit", _) => Err(format!("`{verb}` takes nothing")),
        _ => Err(format!("`{verb}` is nothing that can be done: `help` shows what can")),
    }
}

/// What is done to one process.
fn act(verb: &str) -> Option<fn(Name) -> Order> {
    match verb {
        "kill" => Some(Order::Kill),
        "start" => Some(Order::Start),
        "stop" => Some(Order::Stop),
        "pause" => Some(Order::Pause),
        "resume" => Some(Order::Resume),
        "isolate" => Some(Order::Isolate),
        "heal" => Some(Order::Heal),
        _ => None,
    }
}

/// The first word, and what comes behind it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim())
}

fn topic(name: &str, partitions: Option<&str>, replicas: Option<&str>) -> Result<Order, String> {
    let partitions = partitions.map(|text| number(text, "partitions")).transpose()?;
    let replicas = replicas.map(|text| number(text, "replicas")).transpose()?;
    Ok(Order::Topic { name: name.to_owned(), partitions, replicas })
}

fn name(text: &str) -> Result<Name, String> {
    match text {
        "controller" => Ok(Name::Controller),
        _ => text.parse().map(Name::Broker).map_err(|_| format!("`{text}` is no broker's number, nor `controller`")),
    }
}

fn partition(text: &str) -> Result<TopicPartition, String> {
    crate::records::partition(text)
}

fn ids(text: &str) -> Result<Vec<i32>, String> {
    text.split(',').map(|id| number(id, "brokers")).collect()
}

fn number<T: std::str::FromStr>(text: &str, of: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is no number of {of}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read() {
        let at = |text: &str| TopicPartition::new(text, 0);
        for (line, order) in [
            ("kill 1", Order::Kill(Name::Broker(1))),
            ("  start   controller ", Order::Start(Name::Controller)),
            ("topic orders", Order::Topic { name: "orders".into(), partitions: None, replicas: None }),
            ("topic orders 2 3", Order::Topic { name: "orders".into(), partitions: Some(2), replicas: Some(3) }),
            (
                "produce orders paid  10 # no comment",
                Order::Produce { at: None, topic: "orders".into(), text: "paid  10 # no comment".into() },
            ),
            ("at 2 produce orders x", Order::Produce { at: Some(2), topic: "orders".into(), text: "x".into() }),
            ("at 2 consume orders", Order::Consume { at: Some(2), topic: "orders".into() }),
            ("elect a-b-0 unclean", Order::Elect { partition: at("a-b"), unclean: true }),
            ("move orders-0 2,3,1", Order::Move { partition: at("orders"), to: vec![2, 3, 1] }),
            ("wait 5", Order::Wait(Duration::from_secs(5))),
            ("log 3", Order::Log(Name::Broker(3), 10)),
        ] {
            assert_eq!(Order::parse(line), Ok(Some(order)), "{line}");
        }
        assert_eq!(Order::parse("  "), Ok(None));
        assert_eq!(Order::parse("# first a topic"), Ok(None));
    }

    #[test]
    fn what_is_no_order_is_told_why() {
        for (line, part) in [
            ("explode 1", "`explode` is nothing that can be done"),
            ("kill", "takes a broker's number"),
            ("kill 1 2", "takes a broker's number"),
            ("kill one", "`one` is no broker's number"),
            ("topic orders many", "`many` is no number of partitions"),
            ("topic orders 1 70000", "`70000` is no number of replicas"),
            ("produce orders", "a topic and a text"),
            ("at two produce orders x", "`two` is no broker"),
            ("at 1 kill 2", "and not `kill`"),
            ("consume orders twice", "takes a topic"),
            ("elect orders", "is no partition"),
            ("move orders-0 2,x", "`x` is no number"),
            ("quit now", "takes nothing"),
        ] {
            let error = Order::parse(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
