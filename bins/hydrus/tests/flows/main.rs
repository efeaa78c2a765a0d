//! Whole conversations with the real executable: its ports, its signals, its exit status.
//!
//! Each test owns its servers: free ports on loopback, a temporary folder, a fresh database. With
//! `HYDRUS_TEST_POSTGRES`, the DSN of a server where databases may be created, PostgreSQL is
//! tried as well. All tests are one executable, so that they run side by side: the ones that wait
//! for a time limit cost nothing then.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the helpers of a test fail by panicking and say what they skip"
)]

mod bad_input;
mod crash;
mod database;
mod demo;
mod http;
mod main_job;
mod process;
mod refresh;
mod robot;
mod site;
mod startup;
mod stop;
