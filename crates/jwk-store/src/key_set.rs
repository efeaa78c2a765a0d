//! An opened set: what signs and what verifies.

use std::sync::Arc;

use crypto::{Jwk, SignError, Signer};

use crate::KeyFault;

/// The keys of a set, opened and parsed, newest first.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Jwk>,
    signer: Option<Result<Arc<Signer>, SignError>>,
}

impl KeySet {
    /// Takes keys, newest first, and makes a signer of the newest private one. A signer is made
    /// once for the life of the set, since making it costs as much as a signature.
    pub(crate) fn new(keys: Vec<Jwk>) -> Self {
        let newest = keys.iter().find(|key| key.is_private());
        Self {
            signer: newest.map(|key| Signer::new(key).map(Arc::new)),
            keys,
        }
    }

    /// All keys, newest first, private parts included.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// Whether there is a private key, even if it does not sign.
    pub(crate) fn has_private_key(&self) -> bool {
        self.signer.is_some()
    }

    /// The newest private key, ready to sign.
    ///
    /// # Errors
    /// [`KeyFault::Unusable`] if there is none, or if it does not fit its `alg`. Hydra: neither keeps
    /// the set from being published.
    pub fn signer(&self, name: &str) -> Result<&Arc<Signer>, KeyFault> {
        let unusable = |why: String| KeyFault::Unusable {
            set: name.to_owned(),
            why,
        };
        match &self.signer {
            Some(Ok(signer)) => Ok(signer),
            Some(Err(why)) => Err(unusable(why.to_string())),
            None => Err(unusable("it has no private key".to_owned())),
        }
    }

    /// The `alg` of the newest private key, which may be any text.
    #[must_use]
    pub fn signing_alg(&self) -> &str {
        let newest = self.keys.iter().find(|key| key.is_private());
        newest.map(Jwk::alg).unwrap_or_default()
    }

    /// Public parts of all asymmetric keys, newest first: what is published and what verifies.
    pub fn public_keys(&self) -> impl Iterator<Item = Jwk> {
        self.keys
            .iter()
            .filter(|key| !key.is_symmetric())
            .map(Jwk::to_public)
    }
}
