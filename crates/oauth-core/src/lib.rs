//! The protocol: authorization requests, grants, introspection, revocation, userinfo, discovery and
//! ID tokens.
//!
//! [`Core`] joins the stores with keys and entropy; its methods stand in the files of their
//! subjects. What an operator decides comes with each call as a [`TokenPolicy`], the time as an
//! argument.
//!
//! ```
//! use oauth_core::ScopeStrategy;
//! assert!(ScopeStrategy::Wildcard.admits("photos.*", "photos.read"));
//! assert!(!ScopeStrategy::Exact.admits("photos.*", "photos.read"));
//! ```

mod access_token;
pub mod authorize;
mod claims;
mod client_assertion;
mod client_auth;
mod core;
mod discovery;
pub mod grants;
mod hooks;
mod id_token;
mod introspect;
mod matching;
mod policy;
mod redirect_uri;
mod remote_keys;
mod revoke;
mod session;
mod store;
mod trust;
mod userinfo;

pub use client_assertion::ClientAssertion;
pub use client_auth::{Credentials, Proof, basic};
pub use core::{Core, TokenResponse};
pub use discovery::{Discovery, DiscoveryPolicy};
pub use introspect::{ActiveToken, Introspection};
pub use matching::ScopeStrategy;
pub use policy::{AccessTokenStrategy, JwtGrantPolicy, Lifespans, PkcePolicy, TokenPolicy};
pub use redirect_uri::is_secure_web_address;
pub use remote_keys::RemoteKeys;
pub use store::*;
pub use trust::{NewIssuer, TrustFault};
pub use userinfo::{UserClaims, UserinfoError};
