//! `cluster` with somebody at its prompt, and clients beside it.

use terminal::{Program, Prompt, Ran, next_line};

/// The program in a folder of its own. Nobody listens on port 1, where its clients look for a broker; servers take any port.
pub(crate) fn program() -> Program {
    let mut program = Program::new(env!("CARGO_BIN_EXE_idempotence"));
    program.set("IDEMPOTENCE_BROKER", Some("127.0.0.1:1"));
    program.set("IDEMPOTENCE_LISTEN", Some("127.0.0.1:0"));
    program.set("COLUMNS", None);
    program
}

pub(crate) struct Cluster {
    prompt: Prompt,
    program: Program,
    /// Where brokers are, from 1 on.
    brokers: Vec<String>,
}

impl Cluster {
    /// With a topic `orders` of one partition, which broker 1 leads.
    pub(crate) fn with_orders(brokers: usize) -> Self {
        let mut program = program();
        let folder = program.path("tmp");
        std::fs::create_dir(&folder).unwrap();
        program.set("TMPDIR", folder.to_str());
        let quick = "--set broker.session.timeout.ms=800 --set broker.heartbeat.interval.ms=80";
        let settings = format!("--set min.insync.replicas=2 {quick}");
        let mut prompt = Prompt::at(program.start(&format!("cluster --brokers {brokers} {settings}")));
        let greeting = next_line(&mut prompt.server.child);
        let addresses = greeting.strip_prefix("brokers at ");
        let addresses = addresses.unwrap_or_else(|| panic!("it says `{greeting}`: {}", prompt.complaint()));
        assert!(next_line(&mut prompt.server.child).starts_with("controller at "));
        let brokers = addresses.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut cluster = Cluster { prompt, program, brokers };
        let all: Vec<_> = (1..=cluster.brokers.len()).map(|id| id.to_string()).collect();
        cluster.order(&format!("topic orders 1 {}", all.len()));
        cluster.order(&format!("move orders-0 {}", all.join(",")));
        cluster.rest();
        cluster.order("elect orders-0");
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

    /// Runs a client that knows this broker.
    pub(crate) fn run_at(&self, broker: usize, arguments: &str, input: &str) -> Ran {
        self.program.run_with(&format!("{arguments} --broker {}", self.brokers[broker - 1]), input)
    }
}
