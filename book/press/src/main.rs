//! `press build`, `press serve`, `press check`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::{Parser, Subcommand};
use press::server::Server;
use press::watch::Watch;
use press::{Faults, House, Result, book, check, snippets};

/// Builds, checks and serves the book.
///
/// Exit codes: 0 when all is well, 1 when the book has faults or cannot be built, 2 for a wrong command line.
#[derive(Parser)]
#[command(name = "press", version, max_term_width = 100)]
struct Arguments {
    /// The folder of the repository [default: the one around this folder]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the book as HTML
    Build {
        /// Where to [default: book/html]
        #[arg(long, value_name = "DIR")]
        dest: Option<PathBuf>,
    },
    /// Serves the book on this machine and builds it again when its sources change
    Serve {
        /// The port on 127.0.0.1; 0 is any free one
        #[arg(long, default_value_t = 0, value_name = "N")]
        port: u16,
    },
    /// Builds the book aside and reports everything that is wrong with it
    Check,
}

/// How often the sources are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("press: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let house = match &arguments.root {
        Some(root) => House::at(root)?,
        None => House::around(&std::env::current_dir()?)?,
    };
    match arguments.command {
        Command::Build { dest } => build(&house, dest),
        Command::Serve { port } => serve(&house, port),
        Command::Check => check_book(&house),
    }
}

fn build(house: &House, dest: Option<PathBuf>) -> Result<()> {
    let dest = dest.unwrap_or_else(|| house.book().join("html"));
    for warning in book::build_into(house, &dest)? {
        eprintln!("press: warning: {warning}");
    }
    println!("The book is in {}", dest.join("index.html").display());
    Ok(())
}

fn check_book(house: &House) -> Result<()> {
    let built = book::build(house)?;
    let (extent, mut faults) = check::check(&built);
    let snippets = snippets::find(&built.pages);
    faults.extend(snippets::check(house, &snippets)?);
    if !faults.is_empty() {
        return Err(Faults(faults).into());
    }
    println!(
        "The book is well: {} pages, {} links and files, {} snippets compiled, a player of {} bytes",
        extent.pages,
        extent.references,
        snippets.len(),
        extent.player
    );
    Ok(())
}

fn serve(house: &House, port: u16) -> Result<()> {
    let mut watch = Watch::new(house);
    let server = Server::bind(port, book::build(house)?.site)?;
    println!("The book is at http://{}/", server.address());
    std::io::stdout().flush()?;
    thread::scope(|scope| {
        scope.spawn(|| server.run());
        loop {
            thread::sleep(LOOK_EVERY);
            if watch.changed() {
                rebuild(house, &server);
            }
        }
    })
}

/// Shows the new book, or says why there is none and leaves the old one.
fn rebuild(house: &House, server: &Server) {
    match book::build(house) {
        Ok(built) => {
            built.warnings.iter().for_each(|warning| eprintln!("press: warning: {warning}"));
            server.show(built.site);
            eprintln!("press: built again; reload the page");
        }
        Err(error) => eprintln!("press: {error:#}\n\npress: the last good book is still there"),
    }
}
