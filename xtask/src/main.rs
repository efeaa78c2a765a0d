//! Chores of this repository, one verb each; `cargo xtask --help` lists them.
//!
//! ```text
//! cargo xtask tidy                  rules that compiler and clippy cannot see
//! cargo xtask test                  everything that must hold before a change is merged
//! cargo xtask test --quick          the same without documents, PostgreSQL and browser
//! cargo xtask db up | dsn | down    a private PostgreSQL for a session of work
//! cargo xtask parity smoke          recorded answers of the original, replayed
//! ```
//!
//! Nothing of the workspace is used here, so that these verbs run while the workspace is broken.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for people at a terminal, which has no log"
)]

mod db;
mod install;
mod metadata;
mod parity;
mod postgres;
mod run;
mod steps;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Checks the rules of ARCHITECTURE.md that compiler and clippy cannot see.
    Tidy,
    /// Starts, stops or names a private database server on loopback.
    #[command(subcommand)]
    Db(db::Verb),
    /// Runs all checks and tests, and sets up what they need.
    Test(test::Options),
    /// Replays recorded answers of Ory Hydra, where the recordings are at hand.
    Parity(parity::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().verb {
        Verb::Tidy => tidy::run(),
        Verb::Db(verb) => db::run(&verb),
        Verb::Test(options) => test::run(&options),
        Verb::Parity(options) => parity::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
