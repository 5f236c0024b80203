//! `transfer`: money moves, machines die, and somebody counts ([`transfer`](mod@crate::transfer)).

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use acks::simulation::Draw;
use partitioning::api::{CreateTopic, NewTopic};
use partitioning::cli::failure::Failure;
use partitioning::cli::signals::Signals;
use partitioning::cli::{Program, counted};
use replication::cli::cluster::members::{Life, Members, Name};
use replication::cli::cluster::screen::{Screen, Size};
use replication::cli::cluster::supervisor::Supervisor;
use replication::cli::cluster::view::{Line, Shade};
use replication::cli::cluster::{Layout, temporary};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::stage::InTransactions;
use crate::api::IsolationLevel::{self, ReadCommitted, ReadUncommitted};
use crate::transfer::auditor::{Auditor, nothing_is_open, read_all};
use crate::transfer::chaos::{self, Tellers};
use crate::transfer::money::Book;
use crate::transfer::teller::{open_accounts, settle};
use crate::transfer::view::{Known, lonely, table};
use crate::transfer::{Bank, Diary, Kind};

/// How often it is looked whether there is something to show.
const FRAME: Duration = Duration::from_millis(100);
/// How long it may take until nothing is open any more.
const DRAINED: Duration = Duration::from_secs(60);
/// Tellers of each kind.
const TELLERS: usize = 3;
const BROKERS: i32 = 3;

/// Move money between accounts, in transactions and without, and see what adds up
///
/// Three brokers are started, and three tellers move money in transactions: a withdrawal and a
/// deposit, in two partitions. Three others do the same without transactions. Nobody keeps a
/// balance: readers count what the records say. With --chaos brokers and tellers die all along. At
/// the end everything is read once more, from the beginning.
///
/// It fails if money was lost or made in transactions. That it is without them is what it shows.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// How many accounts, each of which has 100 at first
    #[arg(long, value_name = "NUMBER", default_value = "100", value_parser = clap::value_parser!(u64).range(2..=100_000))]
    accounts: u64,
    /// How many partitions the accounts are in
    #[arg(long, value_name = "NUMBER", default_value = "6", value_parser = clap::value_parser!(u32).range(1..=100))]
    partitions: u32,
    /// For how long money moves
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Have brokers and tellers die, one after the other
    #[arg(long)]
    chaos: bool,
    /// Draw the same lots each time for what happens; when it happens is for the machine to say
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
}

/// Does all that, and tells what came of it.
///
/// # Errors
///
/// [`Failure::Undone`] if a promise of transactions was broken, or not everything could be read; [`Failure::Child`] if a broker does
/// not start.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let folder = temporary(program)?;
    let layout =
        Layout { folder: folder.path(), brokers: BROKERS, listen: "127.0.0.1:0", seed: Some(args.seed), settings: &[] };
    let supervisor = Arc::new(Supervisor::of::<InTransactions>(&layout)?);
    let done = tokio::select! {
        done = Show::run(args, &supervisor, out) => done,
        signal = signals.next() => Err(Failure::Interrupted(signal)),
    };
    // Nobody wants what is in their folders.
    supervisor.end_all(false).await;
    folder.close().map_err(Failure::Temporary)?;
    done
}

/// All that goes on.
struct Show<'a> {
    args: &'a Args,
    supervisor: Arc<Supervisor>,
    bank: Arc<Bank>,
    auditors: [Arc<Auditor>; 3],
    screen: Screen,
}

impl<'a> Show<'a> {
    async fn run(args: &'a Args, supervisor: &Arc<Supervisor>, out: &mut dyn Write) -> Result<(), Failure> {
        supervisor.start_all().await.map_err(Failure::Child)?;
        let bank = Arc::new(Bank {
            accounts: args.accounts,
            partitions: args.partitions,
            bootstrap: addresses(&supervisor.members.borrow()),
            next: Default::default(),
            diary: Diary::default(),
        });
        let auditor = |kind, level| Auditor::new(kind, level);
        let auditors = [
            auditor(Kind::Transactional, ReadCommitted),
            auditor(Kind::Transactional, ReadUncommitted),
            auditor(Kind::Plain, ReadUncommitted),
        ];
        let supervisor = supervisor.clone();
        let mut show = Show { args, supervisor, bank, auditors, screen: Screen::default() };
        show.open(out).await?;
        let tellers = show.move_money(out).await?;
        show.count(tellers, out).await
    }

    /// Makes the topics, and puts money into all accounts.
    async fn open(&mut self, out: &mut dyn Write) -> Result<(), Failure> {
        let Args { accounts, partitions, seed, .. } = *self.args;
        let chaos = if self.args.chaos { ", brokers and tellers die" } else { "" };
        let banks = format!(
            "{accounts} accounts of {}, in {}",
            crate::transfer::OPENING,
            counted(partitions.into(), "partition")
        );
        writeln!(out, "{BROKERS} brokers; {banks}, twice: in transactions and without; seed {seed}{chaos}")?;
        out.flush()?;
        let cluster = self.bank.cluster("bank")?;
        for kind in Kind::ALL {
            let configs = [("min.insync.replicas".to_owned(), "2".to_owned())].into();
            let name = kind.topic();
            let new = NewTopic { name, partitions: Some(partitions), replication_factor: None, configs };
            cluster.call::<CreateTopic>(new).await?;
            open_accounts(&self.bank, kind).await?;
        }
        Ok(())
    }

    /// Lets everybody work until the time is over. Gives what tellers have done.
    async fn move_money(&mut self, out: &mut dyn Write) -> Result<[u64; 2], Failure> {
        let (mut audits, mut faults) = (JoinSet::new(), JoinSet::new());
        for auditor in &self.auditors {
            audits.spawn(auditor.clone().watch(self.bank.clone()));
        }
        let draw = |part| Draw::new(self.args.seed, part);
        let mut tellers = Tellers::begin(&self.bank, TELLERS, draw("tellers"));
        if self.args.chaos {
            faults.spawn(chaos::brokers(self.bank.clone(), self.supervisor.clone(), draw("brokers")));
        }
        let done = tellers.done.clone();
        let told = || [0, 1].map(|place| done[place].transfers.load(std::sync::atomic::Ordering::Relaxed));
        let mut frames = interval(FRAME);
        frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let over = sleep(Duration::from_secs(self.args.seconds));
        tokio::pin!(over);
        {
            let dying = async {
                match self.args.chaos {
                    true => tellers.die().await,
                    false => std::future::pending().await,
                }
            };
            tokio::pin!(dying);
            loop {
                tokio::select! {
                    () = &mut over => break,
                    () = &mut dying => {}
                    _ = frames.tick() => self.show(told(), out)?,
                }
            }
        }
        tellers.end().await;
        faults.shutdown().await;
        self.show(told(), out)?;
        write!(out, "{}", self.erased())?;
        Ok(told())
    }

    /// Tells what has happened, and at a terminal how all stands.
    fn show(&mut self, done: [u64; 2], out: &mut dyn Write) -> Result<(), Failure> {
        let news = self.bank.diary.take();
        if !news.is_empty() {
            writeln!(out, "{}{}", self.erased(), news.join("\n"))?;
        }
        if let Some(size) = Size::of_stdout() {
            let view = self.view(done);
            write!(out, "{}", self.screen.draw(&view, None, size))?;
        }
        Ok(out.flush()?)
    }

    /// What takes the view away, if there is one.
    fn erased(&mut self) -> String {
        if Size::of_stdout().is_some() { self.screen.erase() } else { String::new() }
    }

    fn view(&self, done: [u64; 2]) -> Vec<Line> {
        let line = |text: String, shade| Line { text, shade };
        let members = self.supervisor.members.borrow();
        let mut lines: Vec<_> = members.brokers().map(|id| broker(&members, id)).collect();
        drop(members);
        let books = self.auditors.each_ref().map(|auditor| auditor.book());
        lines.push(line(String::new(), Shade::Plain));
        let mut rows = table(&known(done, books)).into_iter();
        lines.extend(rows.next().map(|heading| line(heading, Shade::Bold)));
        lines.extend(rows.map(|row| line(row, Shade::Plain)));
        let (age, whole) = (self.bank.diary.age().as_secs_f64(), self.args.seconds);
        lines.push(line(String::new(), Shade::Plain));
        lines.push(line(format!("{age:.1} s of {whole}; there is {} in all accounts", self.bank.total()), Shade::Dim));
        lines
    }

    /// Brings everybody back, waits until nothing is open, reads everything, and judges.
    async fn count(&mut self, done: [u64; 2], out: &mut dyn Write) -> Result<(), Failure> {
        writeln!(out, "the time is over: brokers come back, what is open is ended, and everything is read once more")?;
        out.flush()?;
        chaos::mend(&self.supervisor).await.map_err(Failure::Child)?;
        let drained = timeout(DRAINED, self.drained()).await;
        drained.map_err(|_| Failure::Undone(format!("something is still open after {} s", DRAINED.as_secs())))?;
        let mut books = Vec::new();
        for (kind, level) in self.auditors.each_ref().map(|auditor| (auditor.kind, auditor.level)) {
            books.push(self.read(kind, level).await?);
        }
        let books: [Book; 3] = books.try_into().expect("there are three readers");
        writeln!(out, "\n{}", table(&known(done, books.clone())).join("\n"))?;
        for (name, book) in [("read_uncommitted", &books[1]), ("without", &books[2])] {
            for half in lonely(book) {
                writeln!(out, "  {name}: {half}")?;
            }
        }
        let [committed, _, plain] = books;
        let difference = plain.in_all - self.bank.total();
        match difference {
            0 if plain.halves.is_empty() => {
                writeln!(out, "\nwithout transactions nothing was lost: nobody died in between")?
            }
            0 => writeln!(out, "\nwithout transactions halves are missing, and by chance they add up")?,
            ..0 => writeln!(out, "\nwithout transactions {} were lost", -difference)?,
            1.. => writeln!(out, "\nwithout transactions {difference} came from nowhere")?,
        }
        self.judge(&committed)?;
        Ok(writeln!(out, "in transactions nothing is missing: {} in the end, and no halves", self.bank.total())?)
    }

    /// Waits until every transaction has ended, and readers are held back nowhere.
    async fn drained(&self) {
        for number in 1..=TELLERS {
            settle(&self.bank, number).await;
        }
        // A broker that has just come back may not answer yet: it is asked again.
        while !nothing_is_open(&self.bank).await.unwrap_or(false) {
            sleep(FRAME).await;
        }
    }

    /// Everything; by another attempt, if a broker does not answer yet.
    async fn read(&self, kind: Kind, level: IsolationLevel) -> Result<Book, Failure> {
        let mut last = None;
        for _ in 0..10 {
            match read_all(&self.bank, kind, level).await {
                Ok(book) => return Ok(book),
                Err(failure) => last = Some(failure),
            }
            sleep(Duration::from_secs(1)).await;
        }
        Err(last.expect("it was tried"))
    }

    /// What transactions promise.
    fn judge(&self, committed: &Book) -> Result<(), Failure> {
        let total = self.bank.total();
        let while_it_ran = self.auditors[0].broken().map(|why| format!("while it ran: {why}"));
        let broken = while_it_ran.or_else(|| committed.wrong.clone()).or_else(|| {
            let half = lonely(committed).into_iter().next();
            half.or_else(|| (committed.in_all != total).then(|| format!("{} of {total}", committed.in_all)))
        });
        broken.map_or(Ok(()), |why| Err(Failure::Undone(format!("a transaction was not whole: {why}"))))
    }
}

fn addresses(members: &Members) -> Vec<String> {
    members.brokers().filter_map(|id| members.processes[&Name::Broker(id)].address.clone()).collect()
}

fn known(done: [u64; 2], books: [Book; 3]) -> [Known; 2] {
    let [committed, uncommitted, plain] = books;
    let readers = vec![("read_committed", committed), ("read_uncommitted", uncommitted)];
    let [in_transactions, without] = done;
    [
        Known { name: "in transactions", done: in_transactions, word: "committed", readers },
        Known { name: "without", done: without, word: "done", readers: vec![("any reader", plain)] },
    ]
}

/// A broker, and how much of the money it leads.
fn broker(members: &Members, id: i32) -> Line {
    let name = Name::Broker(id);
    let life = match members.processes[&name].life {
        Life::Starting => "starts",
        Life::Running => "runs",
        Life::Paused => "stalls",
        Life::Stopping | Life::Dead => "dead",
    };
    let partitions = members.controller.iter().flat_map(|controller| &controller.partitions);
    let of_money = partitions.filter(|(at, _)| Kind::ALL.iter().any(|kind| kind.topic() == at.topic));
    let led = of_money.filter(|(_, decision)| decision.leader == Some(id)).count();
    let shade = if members.is_reachable(name) { Shade::Plain } else { Shade::Dim };
    Line { text: format!("{:<10}{life:<8}leads {}", name.to_string(), counted(led as u64, "partition")), shade }
}
