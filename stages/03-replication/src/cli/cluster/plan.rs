//! How each process is started: on which folder and port, and with which settings.

use std::path::PathBuf;

use super::child::Launch;
use super::members::{Members, Name};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Plan {
    /// The program: each process is one of its commands.
    pub(super) program: PathBuf,
    /// Where everything is kept.
    pub(super) folder: PathBuf,
    /// Where all of them listen.
    pub(super) host: String,
    /// The port of the first broker; those of the others follow, and then the controller's. 0: any that are free.
    pub(super) port: u16,
    /// How many brokers there are. (With the controller, there is a port for each.)
    pub(super) brokers_count: i32,
    /// What the controller draws lots by.
    pub(super) seed: Option<u64>,
    /// The controller's settings, as `key=value`.
    pub(super) controller: Vec<String>,
    /// The brokers' settings, as `key=value`.
    pub(super) brokers: Vec<String>,
}

impl Plan {
    /// Where it logs.
    pub(super) fn log(&self, name: Name) -> PathBuf {
        self.folder.join(format!("{}.log", folder_of(name)))
    }

    /// How a process is started. One that has run before gets its port again, so that others find it.
    ///
    /// # Errors
    ///
    /// A broker needs to know where the controller is.
    pub(super) fn launch(&self, name: Name, members: &Members) -> Result<Launch, String> {
        let address = |name| members.processes.get(&name).and_then(|process| process.address.clone());
        let folder = self.folder.join(folder_of(name));
        let data = folder.to_str().ok_or_else(|| format!("{} is no text", folder.display()))?.to_owned();
        let listen = address(name).unwrap_or_else(|| format!("{}:{}", self.host, self.port_of(name)));
        let mut arguments = match name {
            Name::Controller => {
                let seed = self.seed.map(|seed| format!("--seed={seed}"));
                std::iter::once("controller".to_owned()).chain(seed).collect()
            }
            Name::Broker(id) => {
                let controller = address(Name::Controller).ok_or("the controller was never started")?;
                vec!["serve".to_owned(), format!("--id={id}"), format!("--controller={controller}")]
            }
        };
        arguments.extend(["--supervised".to_owned(), format!("--data={data}"), format!("--listen={listen}")]);
        let settings = if name == Name::Controller { &self.controller } else { &self.brokers };
        arguments.extend(settings.iter().map(|setting| format!("--set={setting}")));
        Ok(Launch { program: self.program.clone(), arguments, log: self.log(name) })
    }

    fn port_of(&self, name: Name) -> u16 {
        let place = match name {
            Name::Broker(id) => id - 1,
            Name::Controller => self.brokers_count,
        };
        match self.port {
            0 => 0,
            first => first + place as u16,
        }
    }
}

/// `controller`, `broker-1`.
fn folder_of(name: Name) -> String {
    name.to_string().replace(' ', "-")
}
