//! The OAuth client: its fields, how they are validated and stored, its secrets and lifespans, and
//! the trait that a back end implements to keep clients.
//!
//! Nothing here does I/O: what needs another server's answer goes through a port.
//!
//! ```
//! use client_registry::{Client, parse_duration, print_duration};
//! use oauth_types::ClientId;
//! let mut client = Client::new(ClientId::new("shop"));
//! assert!(client.has_grant_type("authorization_code"), "the default");
//! client.lifespans.implicit_grant_id_token = parse_duration("90m").ok();
//! let stored = client.to_record()?;
//! let client = Client::from_record(&stored)?;
//! assert_eq!(client.lifespans.implicit_grant_id_token.map(print_duration).as_deref(), Some("1h30m0s"));
//! # Ok::<(), oauth_types::StoreError>(())
//! ```

mod client;
mod draft;
mod error;
mod go_url;
mod keys;
mod lifespans;
mod origin;
mod patch;
mod policy;
mod reach;
mod record;
mod registration;
mod secret;
mod sector;
mod store;
mod validate;

pub use client::{Client, DEFAULT_AUTH_METHOD};
pub use draft::ClientDraft;
pub use error::ClientFault;
pub use keys::ClientKeys;
pub use lifespans::{Lifespans, parse_duration, print_duration};
pub use origin::origin_matches;
pub use patch::{Patch, PatchFault};
pub use policy::ClientPolicy;
pub use registration::Registration;
pub use secret::generate_secret;
pub use store::{ClientFilter, ClientRecord, ClientReplaced, ClientStore};
pub use validate::validate;
