//! Somebody at the prompt of `cluster`, who types one order after the other and reads what comes of each.

use crate::program::{Program, QUICK, Ran, next_line};

pub(crate) struct Prompt {
    pub(crate) program: Program,
    pub(crate) prompt: terminal::Prompt,
    /// Where the controller and the brokers are.
    pub(crate) addresses: Vec<String>,
}

impl Prompt {
    /// A cluster of so many brokers, in a temporary folder below `tmp`.
    pub(crate) fn of(brokers: u32, arguments: &str) -> Self {
        Self::with(Program::with_temporary_folders_here(), &format!("--brokers {brokers} {arguments}"))
    }

    pub(crate) fn with(program: Program, arguments: &str) -> Self {
        let child = program.start(&format!("cluster {QUICK} {arguments}"));
        let mut prompt = Prompt { program, prompt: terminal::Prompt::at(child), addresses: Vec::new() };
        let greeting = [(); 2].map(|()| next_line(&mut prompt.prompt.server.child));
        let [brokers, controller] = &greeting;
        let words = brokers.strip_prefix("brokers at ").zip(controller.strip_prefix("controller at "));
        let (brokers, controller) =
            words.unwrap_or_else(|| panic!("it says {greeting:?}: {}", prompt.prompt.complaint()));
        prompt.addresses = std::iter::once(controller).chain(brokers.split(',')).map(str::to_owned).collect();
        prompt
    }

    /// Types a line, and gives what is said to it.
    pub(crate) fn order(&mut self, order: &str) -> String {
        self.prompt.order(order)
    }

    /// Has all come to rest.
    #[track_caller]
    pub(crate) fn rest(&mut self) {
        let said = self.order("wait 30");
        assert_eq!(said, "at rest", "{}", self.order("show"));
    }

    /// What is shown, without the addresses.
    pub(crate) fn show(&mut self) -> String {
        let shown = self.order("show");
        self.addresses.iter().enumerate().fold(shown, |shown, (number, address)| {
            shown.replace(address, &if number == 0 { "CONTROLLER".to_owned() } else { format!("BROKER-{number}") })
        })
    }

    /// A topic `orders` with one partition, which broker 1 leads and all others follow.
    pub(crate) fn make_orders(&mut self) {
        let brokers = self.addresses.len() - 1;
        let said = self.order(&format!("topic orders 1 {brokers}"));
        assert_eq!(said, format!("made the topic: 1 partition, {brokers} copies of it"));
        let all: Vec<_> = (1..=brokers).map(|id| id.to_string()).collect();
        assert_eq!(self.order(&format!("move orders-0 {}", all.join(","))), format!("replicas {}", all.join(",")));
        self.rest();
        // It may be so already.
        let said = self.order("elect orders-0");
        assert!(said.starts_with("broker 1 leads in epoch 1") || said.ends_with("(ELECTION_NOT_NEEDED)"), "{said}");
        self.rest();
    }

    /// The end of the input, and then of the program.
    pub(crate) fn end(self) -> Ran {
        self.prompt.end()
    }
}
