//! All key sets of a server: found, generated on first need, cached.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crypto::{Jwk, KeyAlgorithm, SystemSecrets, VerifiedJws, VerifyError};
use oauth_types::{Clock, Duration, Entropy, EntropyExt, Timestamp};

use crate::{KeyFault, KeySet, KeyStore, SetCreated, seal};

/// Signs ID tokens, signed userinfo and logout tokens.
pub const ID_TOKEN_KEYS: &str = "hydra.openid.id-token";
/// Signs JWT access tokens.
pub const JWT_ACCESS_TOKEN_KEYS: &str = "hydra.jwt.access-token";

/// How long an opened set is believed before the store is asked again: the time until a key that
/// another replica added signs here, too. Changes made here count at once.
const BELIEVED: Duration = Duration::from_secs(5);

/// What keys are generated like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySettings {
    /// Bits of RSA keys: 4096 as Hydra's, or 2048 or 3072.
    pub rsa_bits: crypto::RsaBits,
}

/// What was opened, and how often something was changed here.
#[derive(Default)]
struct Opened {
    sets: HashMap<String, Cached>,
    changes: u64,
}

struct Cached {
    set: Arc<KeySet>,
    read_at: Timestamp,
}

/// The key sets of a server.
pub struct KeySets {
    pub(crate) store: Arc<dyn KeyStore>,
    pub(crate) secrets: SystemSecrets,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) clock: Arc<dyn Clock>,
    settings: KeySettings,
    pool: crypto::SignPool,
    opened: RwLock<Opened>,
    /// Generating takes seconds of work: one at a time, and whoever waits finds the result.
    pub(crate) generating: tokio::sync::Mutex<()>,
    /// Keys get their times one after the other.
    pub(crate) writing: tokio::sync::Mutex<()>,
}

impl KeySets {
    /// Joins the parts. Nothing is read or generated yet.
    #[must_use]
    pub fn new(
        store: Arc<dyn KeyStore>,
        secrets: SystemSecrets,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
        settings: KeySettings,
    ) -> Self {
        Self {
            store,
            secrets,
            entropy,
            clock,
            settings,
            pool: crypto::SignPool::default(),
            opened: RwLock::default(),
            generating: tokio::sync::Mutex::default(),
            writing: tokio::sync::Mutex::default(),
        }
    }

    /// The set as it is stored now, newest first; empty if there is none.
    ///
    /// # Errors
    /// [`KeyFault::Sealed`], [`KeyFault::Store`].
    pub async fn stored(&self, name: &str) -> Result<Vec<Jwk>, KeyFault> {
        let records = self.store.key_set(name).await?;
        records
            .iter()
            .map(|record| seal::open(record, &self.secrets))
            .collect()
    }

    /// One key as it is stored now.
    ///
    /// # Errors
    /// [`KeyFault::Sealed`], [`KeyFault::Store`].
    pub async fn stored_key(&self, name: &str, kid: &str) -> Result<Option<Jwk>, KeyFault> {
        let record = self.store.key(name, kid).await?;
        record
            .as_ref()
            .map(|record| seal::open(record, &self.secrets))
            .transpose()
    }

    /// The set, with a private key in it: an RS256 key is generated if there was none.
    ///
    /// # Errors
    /// Every [`KeyFault`].
    pub async fn signing(&self, name: &str) -> Result<Arc<KeySet>, KeyFault> {
        if let Some(set) = self.cached(name) {
            return Ok(set);
        }
        let set = self.load(name).await?;
        if set.has_private_key() {
            return Ok(set);
        }
        let _one_at_a_time = self.generating.lock().await;
        let set = self.load(name).await?;
        if set.has_private_key() {
            return Ok(set);
        }
        self.generate(name, set.keys().is_empty()).await?;
        self.load(name).await
    }

    /// The set as it is published. Hydra: a key is generated only if there is none at all; public
    /// keys alone are published as they are, until something has to be signed.
    ///
    /// # Errors
    /// Every [`KeyFault`].
    pub async fn published(&self, name: &str) -> Result<Arc<KeySet>, KeyFault> {
        if let Some(set) = self.cached(name) {
            return Ok(set);
        }
        let set = self.load(name).await?;
        if set.keys().is_empty() {
            return self.signing(name).await;
        }
        Ok(set)
    }

    /// Signs claims (a JSON text) with the newest key of a set, off the I/O threads.
    ///
    /// # Errors
    /// Every [`KeyFault`].
    pub async fn sign(&self, name: &str, claims: String) -> Result<String, KeyFault> {
        let set = self.signing(name).await?;
        self.pool
            .sign(set.signer(name)?, claims)
            .await
            .map_err(|why| KeyFault::Unusable {
                set: name.to_owned(),
                why: why.to_string(),
            })
    }

    /// Verifies a token by any key of a set; a set that changed elsewhere is read again once.
    ///
    /// # Errors
    /// The outer: every [`KeyFault`]; the inner: the token is not good.
    pub async fn verify(
        &self,
        name: &str,
        token: &str,
    ) -> Result<Result<VerifiedJws, VerifyError>, KeyFault> {
        let keys: Vec<Jwk> = self.signing(name).await?.public_keys().collect();
        match crypto::verify_jws(token, &keys) {
            Ok(verified) => Ok(Ok(verified)),
            Err(error) => {
                let fresh: Vec<Jwk> = self.load(name).await?.public_keys().collect();
                let texts = |keys: &[Jwk]| keys.iter().map(Jwk::to_json_text).collect::<Vec<_>>();
                if texts(&fresh) == texts(&keys) {
                    return Ok(Err(error));
                }
                Ok(crypto::verify_jws(token, &fresh))
            }
        }
    }

    /// How many signatures were made, for tests that count them.
    #[must_use]
    pub fn signatures(&self) -> u64 {
        self.pool.signatures()
    }

    fn cached(&self, name: &str) -> Option<Arc<KeySet>> {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        let cached = opened.sets.get(name)?;
        let age = self.clock.now().since(cached.read_at);
        (age < BELIEVED && cached.set.has_private_key()).then(|| cached.set.clone())
    }

    async fn load(&self, name: &str) -> Result<Arc<KeySet>, KeyFault> {
        let read_at = self.clock.now();
        let changes = {
            let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
            opened.changes
        };
        let set = Arc::new(KeySet::new(self.stored(name).await?));
        let cached = Cached {
            set: set.clone(),
            read_at,
        };
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        // What was read while something changed may be older than the change.
        if opened.changes == changes {
            opened.sets.insert(name.to_owned(), cached);
        }
        Ok(set)
    }

    /// Has to follow every write that was not made by the methods of this type, such as that of a
    /// trusted issuer that takes its key along.
    pub fn forget(&self, name: &str) {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        opened.changes += 1;
        opened.sets.remove(name);
    }

    async fn generate(&self, name: &str, set_is_empty: bool) -> Result<(), KeyFault> {
        tracing::info!(
            jwk.set = name,
            "the key set has no private key yet, generating one"
        );
        let kid = self.entropy.uuid();
        let key = self
            .generate_now(name, KeyAlgorithm::Rs256, kid, "sig".to_owned())
            .await?;
        if set_is_empty {
            let record = self.sealed(name, &key, self.clock.now())?;
            // Another replica may have been faster; then its key is as good.
            let (SetCreated::Done | SetCreated::Exists) =
                self.store.create_key_set_if_absent(record).await?;
            self.forget(name);
            return Ok(());
        }
        match self.add_key(name, &key).await {
            Ok(()) | Err(KeyFault::Taken) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Generates a key off the I/O threads; the caller sees to it that it is the only one.
    pub(crate) async fn generate_now(
        &self,
        name: &str,
        algorithm: KeyAlgorithm,
        kid: String,
        key_use: String,
    ) -> Result<Jwk, KeyFault> {
        if self.secrets.is_empty() {
            return Err(KeyFault::NoSecret {
                set: name.to_owned(),
            });
        }
        let bits = self.settings.rsa_bits;
        let made =
            tokio::task::spawn_blocking(move || crypto::generate(algorithm, kid, &key_use, bits));
        let unusable = |why: String| KeyFault::Unusable {
            set: name.to_owned(),
            why,
        };
        made.await
            .map_err(|why| unusable(why.to_string()))?
            .map_err(|why| unusable(why.to_string()))
    }
}
