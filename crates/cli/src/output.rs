//! What the command line prints: answers on standard output, complaints on standard error.

use std::fmt::Display;
use std::io::Write as _;

/// Why a command failed, and the exit status that says so.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) status: u8,
}

impl Failure {
    /// A failure of what was asked: 255, as Hydra has it.
    pub(crate) fn wrong(message: impl Display) -> Self {
        Self {
            message: message.to_string(),
            status: 255,
        }
    }

    /// A failure while doing it: 1.
    pub(crate) fn fatal(message: impl Display) -> Self {
        Self {
            message: message.to_string(),
            status: 1,
        }
    }
}

impl From<config::ConfigError> for Failure {
    fn from(error: config::ConfigError) -> Self {
        Self {
            status: error.exit_status(),
            message: error.to_string(),
        }
    }
}

/// Prints a line; a closed pipe is no reason to fail.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Prints a complaint.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
