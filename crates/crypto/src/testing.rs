//! What tests of several files share.

use std::sync::atomic::{AtomicUsize, Ordering};

use oauth_types::{Entropy, Secret};

use crate::SystemSecrets;

/// The system secret of the test vectors.
pub(crate) const SECRET: &str = "this-is-the-primary-secret";
/// An access token under it, its random part being the bytes 0 to 31.
pub(crate) const TOKEN: &str = "ory_at_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.FS0V5THotmLBiYbwmoa6IRbgLFPWN8sUH-BIxeuc0aM";

/// Gives the same bytes again and again.
pub(crate) struct Repeating {
    bytes: Vec<u8>,
    at: AtomicUsize,
}

impl Repeating {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            at: AtomicUsize::new(0),
        }
    }

    /// 0, 1, 2 and so on up to 255.
    pub(crate) fn counting() -> Self {
        Self::new(&(0..=255).collect::<Vec<u8>>())
    }
}

impl Entropy for Repeating {
    fn fill(&self, into: &mut [u8]) {
        for byte in into {
            *byte = self.bytes[self.at.fetch_add(1, Ordering::Relaxed) % self.bytes.len()];
        }
    }
}

pub(crate) fn system_secrets(texts: &[&str]) -> SystemSecrets {
    SystemSecrets::new(
        &texts
            .iter()
            .map(|text| Secret::new(*text))
            .collect::<Vec<_>>(),
    )
}
