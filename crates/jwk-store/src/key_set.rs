//! An opened set: what signs and what verifies.

use std::sync::Arc;

use crypto::{Jwk, Signer};

use crate::KeyFault;

/// The keys of a set, opened and parsed, newest first.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Jwk>,
    signer: Option<Arc<Signer>>,
}

impl KeySet {
    /// Takes keys, newest first, and makes a signer of the newest private one. A signer is made
    /// once for the life of the set, since making it costs as much as a signature.
    ///
    /// # Errors
    /// [`KeyFault::Unusable`] if that key does not fit its `alg`.
    pub(crate) fn new(name: &str, keys: Vec<Jwk>) -> Result<Self, KeyFault> {
        let signer = keys
            .iter()
            .find(|key| key.is_private())
            .map(|key| {
                Signer::new(key)
                    .map(Arc::new)
                    .map_err(|why| KeyFault::Unusable {
                        set: name.to_owned(),
                        why: why.to_string(),
                    })
            })
            .transpose()?;
        Ok(Self { keys, signer })
    }

    /// All keys, newest first, private parts included.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The newest private key, ready to sign.
    #[must_use]
    pub fn signer(&self) -> Option<&Arc<Signer>> {
        self.signer.as_ref()
    }

    /// Public parts of all asymmetric keys, newest first: what is published and what verifies.
    pub fn public_keys(&self) -> impl Iterator<Item = Jwk> {
        self.keys
            .iter()
            .filter(|key| !key.is_symmetric())
            .map(Jwk::to_public)
    }
}
