//! `cluster` at a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::program::{PATIENCE, Signal, signal};

/// A terminal, and a cluster at it.
struct AtTerminal {
    child: Child,
    keyboard: File,
    shown: mpsc::Receiver<Vec<u8>>,
    /// The terminal as the program has it.
    terminal: OwnedFd,
    /// What was shown, and not looked at yet.
    text: String,
    _folder: tempfile::TempDir,
}

impl AtTerminal {
    fn new() -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let terminal = open(ptsname(&ours, Vec::new()).unwrap(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_replication"));
        command.args(["cluster", "--brokers", "1", "--listen", "127.0.0.1:0"]).env("TMPDIR", folder.path());
        let side = || terminal.try_clone().unwrap();
        let child = command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
        let mut screen = File::from(ours.try_clone().unwrap());
        let (send, shown) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // It ends with the terminal.
            while let Ok(length @ 1..) = screen.read(&mut buffer) {
                if send.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        AtTerminal { child, keyboard: File::from(ours), shown, terminal, text: String::new(), _folder: folder }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until this is shown.
    #[track_caller]
    fn see(&mut self, wanted: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.text.contains(wanted) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.shown.recv_timeout(left) {
                Ok(bytes) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("`{wanted}` is not shown: {}", self.text),
            }
        }
        self.text = self.text.split_off(self.text.find(wanted).unwrap() + wanted.len());
    }

    /// Whether keys come one by one.
    fn has_single_keys(&self) -> bool {
        let modes = tcgetattr(self.terminal.as_fd()).unwrap().local_modes;
        assert_eq!(modes.contains(LocalModes::ICANON), modes.contains(LocalModes::ECHO), "both or none: {modes:?}");
        !modes.contains(LocalModes::ICANON)
    }
}

impl Drop for AtTerminal {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_view_is_live_and_the_terminal_is_put_right_again() {
    let mut at = AtTerminal::new();
    assert!(!at.has_single_keys());
    at.see("`help` shows what can be done here.");
    at.see("no topics: `topic orders 1 3` makes one");
    assert!(at.has_single_keys());
    // Typed with a mistake, which is taken back; the view shows the topic without being asked.
    at.press("topic ordes\u{7f}rs 1 1\r");
    at.see("> topic orders 1 1\r\n");
    at.see("made the topic: 1 partition, 1 copy of it\r\n");
    at.see("\u{1b}[1morders-0  broker 1 leads in epoch 0 · in sync 1 · replicas 1\u{1b}[0m");
    at.see("HW 0  LEO 0  epoch 0");
    at.press("produce orders paid 10\r");
    at.see("orders-0@0 acknowledged");
    at.see("HW 1  LEO 1  epoch 0");
    // Dimmed, as it is dead. The line before comes back with an arrow, and can be changed.
    at.press("start 1\r");
    at.see("broker 1 runs already");
    at.press("\u{1b}[A\u{15}kill 1\r");
    at.see("broker 1 is dead");
    at.see("\u{1b}[2m  broker 1  leads, dead");
    at.press("quit\r");
    assert!(at.child.wait().unwrap().success());
    assert!(!at.has_single_keys());
}

#[test]
fn ctrl_c_puts_the_terminal_right_too() {
    for end in ["signal", "\u{4}"] {
        let mut at = AtTerminal::new();
        at.see("no topics: `topic orders 1 3` makes one");
        match end {
            "signal" => signal(&at.child, Signal::INT),
            keys => at.press(keys),
        }
        assert!(at.child.wait().unwrap().success());
        assert!(!at.has_single_keys());
    }
}
