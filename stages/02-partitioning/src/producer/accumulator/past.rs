//! What a batch has behind it that comes back to be sent again.

use tokio::time::Instant;

use crate::api::RecordBytes;
use crate::error::Error;

/// A batch that was sent and has come back.
#[derive(Debug, Clone)]
pub struct Past {
    /// Its bytes, as they were sent and will be sent again.
    pub records: RecordBytes,
    /// Its bytes before compression.
    pub plain_bytes: usize,
    /// What was tried.
    pub tries: Tries,
    /// It rests until then, and with it all that stands behind it.
    pub rests_until: Instant,
}

/// The attempts to send a batch.
#[derive(Debug, Clone, Default)]
pub struct Tries {
    /// How many.
    pub count: u32,
    /// What came of the last one, if it failed.
    pub last: Option<Error>,
    /// What came of one of which nobody knows whether it was done. Once there was one, an error that says "nothing was done"
    /// would be a lie.
    pub doubt: Option<String>,
}
