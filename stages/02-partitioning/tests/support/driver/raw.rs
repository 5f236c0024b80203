//! A stranger on a connection of his own.

use std::time::Duration;

use story::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::world::BROKER;
use super::{Answer, Driver};

impl Driver {
    /// `raw "GET / HTTP/1.1"`, `raw hex=0000000568656c6c6f`: what the broker logs when it ends the connection.
    pub(super) fn raw(&mut self, mut args: Args<'_>) -> Answer {
        let (text, hex): (Option<String>, Option<String>) = (args.optional("bytes")?, args.key("hex")?);
        args.done()?;
        let bytes = match (text, hex) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(hex)) => unhex(&hex).ok_or("hex is pairs of 0 to 9 and a to f")?,
            _ => return Err("`raw` sends a text or hex=".into()),
        };
        let world = self.world()?;
        // What was logged before is not about this.
        world.warnings();
        let ended = world.run(async move {
            let mut stream = turmoil::net::TcpStream::connect(BROKER).await?;
            stream.write_all(&bytes).await?;
            let mut answer = Vec::new();
            match timeout(Duration::from_secs(1), stream.read_to_end(&mut answer)).await {
                Ok(read) => read.map(|_| true),
                Err(_) => Ok::<_, std::io::Error>(false),
            }
        })?;
        let is_closed = ended?;
        let logged = world.warnings().join("\n");
        // Which port the stranger has is of no interest.
        let logged: Vec<_> = logged.lines().map(|line| line.split(" peer=").next().unwrap_or(line)).collect();
        Ok(if is_closed { logged.join("\n") } else { "the connection is open".to_owned() })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    digits.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok()).collect()
}
