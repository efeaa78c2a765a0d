//! The whole surface without a socket: status, headers and body of what the server itself says.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests; a failure is a failed test"
)]

mod clients;
mod code_flow;
mod cross_origin;
mod said;
mod support;
