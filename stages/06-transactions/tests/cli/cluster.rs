//! `cluster` with somebody at its prompt, and clients beside it.

use terminal::{Program, Prompt, Ran, next_line};

/// The program in a folder of its own. Nobody listens on port 1, where its clients look for a broker; servers take any port.
pub(crate) fn program() -> Program {
    let mut program = Program::new(env!("CARGO_BIN_EXE_transactions"));
    program.set("TRANSACTIONS_BROKER", Some("127.0.0.1:1"));
    program.set("TRANSACTIONS_LISTEN", Some("127.0.0.1:0"));
    program.set("COLUMNS", None);
    let folder = program.path("tmp");
    std::fs::create_dir(&folder).unwrap();
    program.set("TMPDIR", folder.to_str());
    program
}

pub(crate) struct Cluster {
    prompt: Prompt,
    program: Program,
    /// A broker to ask first.
    broker: String,
}

impl Cluster {
    /// Of three brokers, with a topic `accounts` of two partitions.
    pub(crate) fn with_accounts() -> Self {
        let program = program();
        let quick = "--set broker.session.timeout.ms=800 --set broker.heartbeat.interval.ms=80";
        let few = "--set transaction.state.log.num.partitions=3";
        let settings = format!("--set min.insync.replicas=2 {quick} {few}");
        let mut prompt = Prompt::at(program.start(&format!("cluster {settings}")));
        let greeting = next_line(&mut prompt.server.child);
        let addresses = greeting.strip_prefix("brokers at ");
        let addresses = addresses.unwrap_or_else(|| panic!("it says `{greeting}`: {}", prompt.complaint()));
        assert!(next_line(&mut prompt.server.child).starts_with("controller at "));
        let broker = addresses.split(',').nth(1).unwrap().to_owned();
        let mut cluster = Cluster { prompt, program, broker };
        cluster.order("topic accounts 2");
        cluster.rest();
        cluster
    }

    /// Types an order at the prompt.
    #[track_caller]
    pub(crate) fn order(&mut self, order: &str) -> String {
        self.prompt.order(order)
    }

    #[track_caller]
    pub(crate) fn rest(&mut self) {
        let said = self.order("wait 30");
        assert_eq!(said, "at rest", "{}", self.order("show"));
    }

    /// Runs a client.
    pub(crate) fn run(&self, arguments: &str, input: &str) -> Ran {
        self.program.run_with(&format!("{arguments} --broker {}", self.broker), input)
    }

    /// What a reader of a partition sees.
    pub(crate) fn sees(&self, partition: u32, level: &str) -> String {
        let format = "--format %v\\n";
        let arguments =
            format!("consume accounts --partition {partition} --isolation-level {level} --until-end {format}");
        let Ran { out, err, code } = self.run(&arguments, "");
        assert_eq!((code, err.as_str()), (0, ""));
        out
    }
}
