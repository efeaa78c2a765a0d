//! What holds on every database.
//!
//! PostgreSQL is tried if `HYDRUS_TEST_POSTGRES` names a server on which databases may be created,
//! such as `postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable`.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes helpers of tests in a folder for ordinary code"
)]

mod budgets;
mod common;
mod conformance;
mod handle;
