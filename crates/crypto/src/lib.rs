//! Signing, sealing, hashing and comparing: the only crate that names josekit and ring.
//!
//! What leaves the server is made and checked here; what it means is decided elsewhere. Randomness
//! comes in as [`oauth_types::Entropy`], time as [`oauth_types::Timestamp`]. All stored and
//! travelling forms are Hydra's, so that its tokens, cookies, keys and client secrets stay good.
//!
//! ```
//! use crypto::{OsEntropy, SystemSecrets, TokenFault, TokenKind};
//! use oauth_types::Secret;
//! let secrets = SystemSecrets::new(&[Secret::new("a-system-secret-of-32-characters")]);
//! let minted = secrets.mint(TokenKind::AccessToken, &OsEntropy).unwrap();
//! assert!(minted.token.expose().starts_with("ory_at_"));
//! assert_eq!(crypto::signature_part(minted.token.expose()), Some(minted.signature.as_str()));
//! assert_eq!(secrets.check(TokenKind::AccessToken, minted.token.expose()), Ok(()));
//!
//! let other = SystemSecrets::new(&[Secret::new("another-system-secret")]);
//! let checked = other.check(TokenKind::AccessToken, minted.token.expose());
//! assert_eq!(checked, Err(TokenFault::Mismatch));
//! ```

mod constant_time;
mod cookie;
mod digest;
mod encoding;
mod generate;
mod gob;
mod jwk;
mod jwk_parse;
mod jwk_text;
mod key_algorithm;
mod key_material;
mod opaque_token;
mod os_entropy;
mod seal;
mod secret_checker;
mod secret_hash;
mod sign;
mod system_secrets;
mod verify;
mod work_pool;

#[cfg(test)]
mod testing;

pub use constant_time::constant_time_eq;
pub use cookie::{CookieFault, CookieKeys};
pub use digest::{
    left_half_hash, murmur3, pairwise_hash, sha256_base64url, sha256_hex, sha384_hex, verifier_hash,
};
pub use generate::{GenerateError, RsaBits, generate};
pub use jwk::Jwk;
pub use jwk_parse::JwkFault;
pub use key_algorithm::KeyAlgorithm;
pub use opaque_token::{Minted, TokenFault, TokenKind, access_signature, signature_part};
pub use os_entropy::OsEntropy;
pub use seal::{OpenError, open_under_token, seal_under_token};
pub use secret_checker::{Overloaded, SecretChecker};
pub use secret_hash::{HashAlgorithm, SecretTooLong, hash_generated, hash_secret, verify_secret};
pub use sign::{SignError, SignPool, Signer};
pub use system_secrets::{NoSecret, SystemSecrets};
pub use verify::{UnverifiedJws, VerifiedJws, VerifyError, peek, verify_jws};
