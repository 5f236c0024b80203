//! The prompt: orders come in, what came of them goes out. With a terminal there is a live view below, and without one
//! (a script, a test, a page of the book) there are plain lines.

use std::future::Future;
use std::io::Write;

use partitioning::api::NewTopic;
use partitioning::cli::Program;
use partitioning::cli::failure::{Failure, harmless};
use partitioning::cli::lines::{self, Line};
use partitioning::cli::signals::Signals;

use super::orders::{HELP, Order};
use super::supervisor::{Said, Supervisor};
use super::view::{plain_text, view};

/// The longest line, in bytes.
const LONGEST: usize = 64 << 10;
/// How wide the view is without a terminal: as wide as a page of the book.
const COLUMNS: usize = 78;

/// Who does what is ordered.
pub(super) struct Session<'a> {
    pub(super) program: &'a Program,
    pub(super) supervisor: &'a Supervisor,
}

impl Session<'_> {
    /// Takes orders from stdin, a line each, until it ends, or `quit`, or a signal.
    ///
    /// # Errors
    ///
    /// Those of the input and the output.
    pub(super) async fn plain(&self, signals: &mut Signals, out: &mut dyn Write) -> Result<(), Failure> {
        let mut lines = lines::of_stdin(LONGEST);
        loop {
            out.flush()?;
            let line = tokio::select! {
                line = lines.recv() => line,
                _ = signals.next() => return Ok(()),
            };
            let Some(line) = line else { return Ok(()) };
            let Line { number, bytes } = line.map_err(Failure::Input)?;
            let too_long = || Failure::Line { number, rule: format!("is longer than {LONGEST} bytes") };
            let bytes = bytes.ok_or_else(too_long)?;
            let line = String::from_utf8_lossy(&bytes);
            writeln!(out, "> {}", harmless(&line))?;
            let said = match Order::parse(&line) {
                Ok(Some(Order::Quit)) => return Ok(()),
                Ok(Some(order)) => tokio::select! {
                    said = self.follow(order, COLUMNS) => said,
                    _ = signals.next() => return Ok(()),
                },
                Ok(None) => continue,
                Err(rule) => Err(harmless(&rule)),
            };
            self.news(out)?;
            writeln!(out, "{}", said.unwrap_or_else(|rule| rule))?;
        }
    }

    /// What has happened by itself.
    pub(super) fn news(&self, out: &mut dyn Write) -> Result<(), Failure> {
        for news in self.take_news() {
            writeln!(out, "{news}")?;
        }
        Ok(())
    }

    pub(super) fn take_news(&self) -> Vec<String> {
        let mut news = Vec::new();
        self.supervisor.members.send_if_modified(|members| {
            news.extend(members.news.drain(..).map(|news| harmless(&news)));
            false
        });
        news
    }

    /// Does what is ordered, and says what came of it.
    pub(super) fn follow(&self, order: Order, columns: usize) -> impl Future<Output = Said> {
        let (program, supervisor) = (self.program, self.supervisor);
        async move {
            match order {
                Order::Kill(name) => supervisor.kill(name).await,
                Order::Start(name) => supervisor.start(name).await,
                Order::Stop(name) => supervisor.stop(name).await,
                Order::Pause(name) => supervisor.pause(name),
                Order::Resume(name) => supervisor.resume(name),
                Order::Isolate(name) => supervisor.isolate(name).await,
                Order::Heal(name) => supervisor.heal(name).await,
                Order::Topic { name, partitions, replicas } => {
                    let (name, configs) = (name.as_str().into(), Default::default());
                    supervisor
                        .topic(program, NewTopic { name, partitions, replication_factor: replicas, configs })
                        .await
                }
                Order::Produce { at, topic, text } => supervisor.produce(program, at, &topic, &text).await,
                Order::Consume { at, topic } => supervisor.consume(program, at, &topic).await,
                Order::Elect { partition, unclean } => supervisor.elect(program, partition, unclean).await,
                Order::Move { partition, to } => supervisor.reassign(program, partition, to).await,
                Order::Show(topic) => {
                    supervisor.refresh().await;
                    Ok(plain_text(&view(&supervisor.members.borrow(), topic.as_deref(), columns)))
                }
                Order::Wait(within) => supervisor.rest(within).await,
                Order::Log(name, lines) => supervisor.log(name, lines),
                Order::Help => Ok(HELP.to_owned()),
                // Whoever reads the orders ends with it.
                Order::Quit => Ok(String::new()),
            }
        }
    }
}
