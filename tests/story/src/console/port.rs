//! The port of a page's server: one in the book, another each time the page is checked.

/// How a page's programs find each other.
///
/// The book prints a fixed address, as its reader gets it. A check cannot use that port, since somebody else may, or another
/// check. So the programs take the address from two variables, and what they print is put right before it is compared. A
/// program that prints several addresses when it starts has the ports from there on, in that order. A command that names one
/// of them is run with the one that it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Port {
    /// What the page shows: `127.0.0.1:9092`.
    pub shown: &'static str,
    /// The variable that tells a server where to listen. It says port 0, which is any that is free.
    pub listen: &'static str,
    /// The variable that tells a client where the server is: what the server printed when it started.
    pub connect: &'static str,
}

/// Where nobody listens: a port for which a program needs rights, and which no program has used for forty years.
const NOBODY: &str = "127.0.0.1:1";

/// The addresses that were met, and what is shown in place of each.
#[derive(Debug)]
pub(super) struct Ports {
    port: Option<Port>,
    met: Vec<(String, String)>,
}

impl Ports {
    pub(super) fn new(port: Option<Port>) -> Self {
        let shown = port.map_or(NOBODY, |port| port.shown);
        Ports { port, met: vec![(NOBODY.to_owned(), shown.to_owned())] }
    }

    /// The variables for a command, while the server is there.
    pub(super) fn variables(&self, server: Option<&str>) -> Vec<(&'static str, String)> {
        let Some(port) = self.port else { return Vec::new() };
        let any = format!("{}:0", host(port.shown));
        vec![(port.listen, any), (port.connect, server.unwrap_or(NOBODY).to_owned())]
    }

    /// The addresses in what a server printed first. Gives the first of them.
    pub(super) fn meet(&mut self, lines: &[String]) -> Option<String> {
        let (host, first) = self.port?.shown.rsplit_once(':')?;
        let first: u16 = first.parse().ok()?;
        let mut addresses: Vec<String> = Vec::new();
        let before = format!("{host}:");
        for behind in lines.iter().flat_map(|line| line.split(&before).skip(1)) {
            let port: String = behind.chars().take_while(char::is_ascii_digit).collect();
            let address = format!("{host}:{port}");
            if !port.is_empty() && !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        let shown = (first..).map(|port| format!("{host}:{port}"));
        self.met.extend(addresses.iter().cloned().zip(shown));
        addresses.into_iter().next()
    }

    /// A command as it is run: with the addresses that were met in the place of those that the page shows.
    pub(super) fn run(&self, script: &str) -> String {
        // Those that were met last, as they are of what runs now.
        let mut latest: Vec<&(String, String)> = Vec::new();
        for known in self.met.iter().rev() {
            if known.0 != NOBODY && latest.iter().all(|(_, shown)| *shown != known.1) {
                latest.push(known);
            }
        }
        latest.iter().fold(script.to_owned(), |script, (address, shown)| replace_address(&script, shown, address))
    }

    /// A printed line with the address that the page shows.
    pub(super) fn shown(&self, line: String) -> String {
        if self.port.is_none() {
            return line;
        }
        // The last that was met comes first: a server may get a port that another one had before.
        self.met.iter().rev().fold(line, |line, (address, shown)| replace_address(&line, address, shown))
    }
}

fn host(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(host, _)| host)
}

/// Replaces an address, and leaves one alone whose port only begins the same.
fn replace_address(line: &str, address: &str, shown: &str) -> String {
    let mut parts = line.split(address);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let goes_on = part.starts_with(|c: char| c.is_ascii_digit());
        replaced.push_str(if goes_on { address } else { shown });
        replaced.push_str(part);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: Port = Port { shown: "127.0.0.1:9092", listen: "LISTEN", connect: "CONNECT" };

    #[test]
    fn an_address_is_met_once_and_shown_as_the_page_has_it() {
        let mut ports = Ports::new(Some(PORT));
        assert_eq!(ports.meet(&["127.0.0.1".to_owned(), "at 127.0.0.1:!".to_owned()]), None);
        let address = ports.meet(&["first".to_owned(), "serving at 127.0.0.1:4100, id 1".to_owned()]);
        assert_eq!(address.as_deref(), Some("127.0.0.1:4100"));
        let line = "127.0.0.1:4100 127.0.0.1:41001 127.0.0.1:1: refused, 127.0.0.1:4100".to_owned();
        let expected = "127.0.0.1:9092 127.0.0.1:41001 127.0.0.1:9092: refused, 127.0.0.1:9092";
        assert_eq!(ports.shown(line), expected);
    }

    #[test]
    fn several_addresses_are_shown_as_ports_in_a_row() {
        let mut ports = Ports::new(Some(PORT));
        let greeting = "at 127.0.0.1:4100,127.0.0.1:4007, and 127.0.0.1:4100 and 127.0.0.1:5000".to_owned();
        assert_eq!(ports.meet(std::slice::from_ref(&greeting)).as_deref(), Some("127.0.0.1:4100"));
        let expected = "at 127.0.0.1:9092,127.0.0.1:9093, and 127.0.0.1:9092 and 127.0.0.1:9094";
        assert_eq!(ports.shown(greeting), expected);
        let command = "ask --at 127.0.0.1:9094, 127.0.0.1:9092 and 127.0.0.1:90921";
        let expected = "ask --at 127.0.0.1:5000, 127.0.0.1:4100 and 127.0.0.1:90921";
        assert_eq!(ports.run(command), expected);
    }

    #[test]
    fn a_server_takes_any_port_and_a_client_finds_it() {
        let ports = Ports::new(Some(PORT));
        let any = ("LISTEN", "127.0.0.1:0".to_owned());
        assert_eq!(ports.variables(None), [any.clone(), ("CONNECT", NOBODY.to_owned())]);
        assert_eq!(ports.variables(Some("127.0.0.1:4")), [any, ("CONNECT", "127.0.0.1:4".to_owned())]);
        assert_eq!(Ports::new(None).variables(Some("127.0.0.1:4")), []);
    }
}
