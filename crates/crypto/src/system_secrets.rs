use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, Mac};
use oauth_types::Secret;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use sha2::{Digest, Sha256, Sha512_256};
use zeroize::Zeroizing;

/// The system secrets: the first one writes, every one reads. They authenticate opaque tokens, seal
/// what is kept at rest and key the hashes of generated client secrets.
///
/// Clones are cheap and see the same secrets, also after [`SystemSecrets::replace`].
#[derive(Clone)]
pub struct SystemSecrets(Arc<RwLock<Arc<[SystemKey]>>>);

/// No system secret is configured, so nothing can be written that would have to be trusted later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no system secret is configured")]
pub struct NoSecret;

/// All that is made of one system secret, once.
pub(crate) struct SystemKey {
    /// SHA-256 of the secret. Hydra: no salt, no stretching, and one key for several purposes.
    pub(crate) bytes: Zeroizing<[u8; 32]>,
    /// Authenticates opaque tokens.
    pub(crate) token_mac: Hmac<Sha512_256>,
    /// Seals data at rest.
    pub(crate) aead: LessSafeKey,
    /// Hashes generated client secrets.
    pub(crate) generated: ring::hmac::Key,
}

impl SystemSecrets {
    /// Derives the keys of all secrets, in order.
    #[must_use]
    pub fn new(secrets: &[Secret]) -> Self {
        Self(Arc::new(RwLock::new(derive_all(secrets))))
    }

    /// Puts other secrets in place of these, in all clones: the configuration was read again.
    pub fn replace(&self, secrets: &[Secret]) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = derive_all(secrets);
    }

    /// Whether there is no secret at all; then nothing can be minted or sealed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys().is_empty()
    }

    /// All keys, in order.
    pub(crate) fn keys(&self) -> Arc<[SystemKey]> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl fmt::Debug for SystemSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SystemSecrets({} [redacted])", self.keys().len())
    }
}

impl SystemKey {
    fn derive(secret: &Secret) -> Self {
        let bytes = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(secret.expose())));
        let generated = ring::hmac::sign(
            &ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &*bytes),
            b"hydrus: hash of generated client secrets",
        );
        Self {
            token_mac: token_mac(&bytes),
            aead: aead_key(&bytes),
            generated: ring::hmac::Key::new(ring::hmac::HMAC_SHA256, generated.as_ref()),
            bytes,
        }
    }
}

/// The AES-256-GCM key of these bytes.
#[expect(clippy::expect_used, reason = "AES-256 takes any 32 bytes for a key")]
pub(crate) fn aead_key(bytes: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).expect("the length is right"))
}

#[expect(
    clippy::expect_used,
    reason = "HMAC takes a key of any length (RFC 2104 §3)"
)]
fn token_mac(bytes: &[u8; 32]) -> Hmac<Sha512_256> {
    Hmac::new_from_slice(bytes).expect("any length is right")
}

fn derive_all(secrets: &[Secret]) -> Arc<[SystemKey]> {
    secrets.iter().map(SystemKey::derive).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::to_hex;
    use crate::testing::{SECRET, system_secrets};

    #[test]
    fn the_key_is_the_hash_of_the_secret() {
        assert_eq!(
            to_hex(&*system_secrets(&[SECRET]).keys()[0].bytes),
            "72dc3603489266fe048e1a18bec8f4a7f9425a0a0a97bf080236cf0a7dd36c3f"
        );
    }

    #[test]
    fn clones_see_replaced_secrets() {
        let secrets = system_secrets(&[]);
        let clone = secrets.clone();
        assert!(clone.is_empty());
        secrets.replace(&[Secret::new(SECRET)]);
        assert!(!clone.is_empty());
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(
            format!("{:?}", system_secrets(&[SECRET])),
            "SystemSecrets(1 [redacted])"
        );
    }
}
