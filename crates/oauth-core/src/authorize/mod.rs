//! The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3): reading and validating a
//! request, issuing what was consented to, and where answers go.

mod issue;
mod prompt;
mod request;
mod respond;

pub use issue::{Consented, Issued};
pub(crate) use issue::{check_nonce_entropy, pkce_missing};
pub use prompt::{Login, PromptCheck};
pub use request::{Refused, ReplyTo, ValidRequest, merged};
pub use respond::{Reply, reply_with, reply_with_error};
