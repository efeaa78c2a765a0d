//! The test suite that every storage back end must pass, ours and yours.
//!
//! Implement the six store traits, give a way to open an empty store, and run the suite under a
//! multi-thread runtime; it panics with the names of the rules that do not hold:
//!
//! ```
//! use store_conformance::Backend;
//!
//! async fn every_rule_holds<S: Backend>(open_empty: fn() -> S) {
//!     store_conformance::run(|| async move { open_empty() }).await;
//! }
//! ```
//!
//! Each rule is also a public function that takes a [`Lab`], such as
//! [`clients::client_ids_are_compared_exactly`], and [`cases`] lists them for harnesses that want one test
//! each. The cases know a store only through its traits and expect of it what their documentation
//! says, so a failed case is answered by reading the documentation of the method that it names.

mod lab;
mod suite;

pub mod clients;
pub mod keys;
pub mod leases;
pub mod records;

pub use lab::{CALLERS, Family, Lab, ROUNDS};
pub use suite::{Backend, Case, CaseFuture, cases, run, run_rounds};
