//! The relying party: an application whose users log in with Hydrus.
//!
//! It uses the authorization code flow with PKCE (RFC 7636), `state` and `nonce`, validates the ID
//! token, and keeps tokens on its own side: the browser holds nothing but a random session id.

mod actions;
mod log_in;
mod log_out;
mod provider;
mod sessions;

pub(crate) use actions::{introspect, refresh, revoke, show_tokens, userinfo};
pub(crate) use log_in::{callback, home, start};
pub(crate) use log_out::{logged_out, sign_out};
pub(crate) use provider::Provider;
pub(crate) use sessions::Sessions;
