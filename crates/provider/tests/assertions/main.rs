//! What depends on the word of others: assertions of clients and issuers, and the refresh hook.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on"
)]

mod client_assertions;
mod jwt_bearer;
mod refresh_hook;
