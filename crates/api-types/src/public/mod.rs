//! Shapes of the public API, and of introspection, which speaks its language.

mod discovery;
mod introspection;
mod token;

pub use discovery::Discovery;
pub use introspection::{ActiveToken, InactiveToken};
pub use token::TokenResponse;
