//! How many files the process may have open at once. Each partition has several, and each connection is one.

use tracing::{info, warn};

/// Takes as many as the system lets this process have. The usual limit is a low one, which programs that need more are
/// meant to raise themselves.
#[cfg(unix)]
pub fn allow_all() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(error) => {
            warn!("the limit on open files stays as it is: {error}");
            current
        }
    };
    match raised {
        Some(files) => info!("may have {files} files open: each partition needs a few, each connection one"),
        None => info!("may have any number of files open"),
    }
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub fn allow_all() {}
