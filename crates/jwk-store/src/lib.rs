//! Key sets: opened and parsed once, generated when first needed, sealed at rest.
//!
//! A set is a name with keys, newest first. The newest private key signs; all keys stay published
//! until they are deleted, so that what older ones signed can still be verified.
//!
//! ```
//! use jwk_store::KeyFault;
//! let fault = KeyFault::NoSecret { set: "hydra.openid.id-token".into() };
//! assert!(fault.to_string().contains("secrets.system"));
//! ```

mod changes;
mod error;
mod key_set;
mod key_sets;
mod seal;
mod store;

pub use changes::NewKey;
pub use error::KeyFault;
pub use key_set::KeySet;
pub use key_sets::{ID_TOKEN_KEYS, JWT_ACCESS_TOKEN_KEYS, KeySets, KeySettings};
pub use store::*;
