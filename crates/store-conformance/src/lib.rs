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
//! [`codes::code_is_redeemed_once`], and [`cases`] lists them for harnesses that want one test
//! each. The cases know a store only through its traits and expect of it what their documentation
//! says, so a failed case is answered by reading the documentation of the method that it names.

mod lab;
mod suite;

pub mod access;
pub mod cascades;
pub mod clients;
pub mod codes;
pub mod consents;
pub mod expiry;
pub mod flows;
pub mod identifiers;
pub mod keys;
pub mod leases;
pub mod logouts;
pub mod races;
pub mod records;
pub mod refresh;
pub mod session_clients;
pub mod sessions;
pub mod texts;
pub mod trust;

pub use lab::{CALLERS, Family, Lab, ROUNDS};
pub use suite::{Backend, Case, CaseFuture, cases, run, run_rounds};
