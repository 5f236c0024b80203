//! All that was written down in a run, and its form in a file: one operation a line, in JSON.
//!
//! ```text
//! {"process":"producer-1","began":100,"ended":250,"kind":{"send":{"partition":"orders-0","value":17,"outcome":{"acked":{"offset":3}}}}}
//! {"process":"consumer-1","began":120,"ended":300,"kind":{"poll":{"records":[["orders-0",3,17]]}}}
//! ```
//!
//! A file can be judged again when the checker has learnt more, and can be cut down by hand to the few lines that matter.

use std::io::{self, BufRead, Read, Write};

use crate::operation::Operation;

/// The longest line that is read, in bytes. A poll of 100,000 records takes less than a fifth of it.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// What the clients of one run did and saw.
///
/// The order of the operations is that in which they began. Where times are equal it decides: see [`Recorder`], which
/// never gives two events one time.
///
/// [`Recorder`]: crate::Recorder
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    operations: Vec<Operation>,
}

/// Why a file is not a history.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read.
    #[error("line {line}: cannot be read: {source}")]
    Io {
        /// Where, counted from 1.
        line: usize,
        /// Why.
        source: io::Error,
    },
    /// A line that says no operation.
    #[error("line {line}: no operation: {source}")]
    NoOperation {
        /// Where, counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A line that no recorder writes.
    #[error("line {line}: is longer than {LONGEST_LINE} bytes")]
    TooLong {
        /// Where, counted from 1.
        line: usize,
    },
}

impl History {
    /// The operations, in the order in which they began.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Writes one line for each operation. The same history gives the same bytes.
    ///
    /// # Errors
    ///
    /// Those of `file`.
    pub fn write(&self, mut file: impl Write) -> io::Result<()> {
        for operation in &self.operations {
            serde_json::to_writer(&mut file, operation)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    }

    /// Reads what [`History::write`] wrote.
    ///
    /// # Errors
    ///
    /// Each names the line.
    pub fn read(mut file: impl BufRead) -> Result<Self, ReadError> {
        let (mut operations, mut text) = (Vec::new(), Vec::new());
        loop {
            let line = operations.len() + 1;
            text.clear();
            let read = file.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut text);
            match read.map_err(|source| ReadError::Io { line, source })? as u64 {
                0 => return Ok(History { operations }),
                bytes if bytes > LONGEST_LINE => return Err(ReadError::TooLong { line }),
                _ => {}
            }
            operations.push(serde_json::from_slice(&text).map_err(|source| ReadError::NoOperation { line, source })?);
        }
    }
}

impl From<Vec<Operation>> for History {
    fn from(operations: Vec<Operation>) -> Self {
        History { operations }
    }
}

impl From<History> for Vec<Operation> {
    fn from(history: History) -> Self {
        history.operations
    }
}
