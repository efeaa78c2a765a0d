//! All key sets of a server: found, generated on first need, cached.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crypto::{Jwk, KeyAlgorithm, SystemSecrets, VerifiedJws, VerifyError};
use oauth_types::{Clock, Duration, Entropy, EntropyExt, StoreError, Timestamp};

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

struct Cached {
    set: Arc<KeySet>,
    read_at: Timestamp,
}

/// The key sets of a server.
pub struct KeySets {
    store: Arc<dyn KeyStore>,
    secrets: SystemSecrets,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    settings: KeySettings,
    pool: crypto::SignPool,
    opened: RwLock<HashMap<String, Cached>>,
    /// Generating takes seconds of work: one at a time, and whoever waits finds the result.
    generating: tokio::sync::Mutex<()>,
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
        if set.signer().is_some() {
            return Ok(set);
        }
        let _one_at_a_time = self.generating.lock().await;
        let set = self.load(name).await?;
        if set.signer().is_some() {
            return Ok(set);
        }
        self.generate(name, set.keys().is_empty()).await?;
        self.load(name).await
    }

    /// Signs claims (a JSON text) with the newest key of a set, off the I/O threads.
    ///
    /// # Errors
    /// Every [`KeyFault`].
    pub async fn sign(&self, name: &str, claims: String) -> Result<String, KeyFault> {
        let set = self.signing(name).await?;
        let unusable = |why: String| KeyFault::Unusable {
            set: name.to_owned(),
            why,
        };
        let signer = set
            .signer()
            .ok_or_else(|| unusable("it has no private key".into()))?;
        self.pool
            .sign(signer, claims)
            .await
            .map_err(|why| unusable(why.to_string()))
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
        let cached = opened.get(name)?;
        let age = self.clock.now().since(cached.read_at);
        (age < BELIEVED && cached.set.signer().is_some()).then(|| cached.set.clone())
    }

    async fn load(&self, name: &str) -> Result<Arc<KeySet>, KeyFault> {
        let read_at = self.clock.now();
        let set = Arc::new(KeySet::new(name, self.stored(name).await?)?);
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        opened.insert(
            name.to_owned(),
            Cached {
                set: set.clone(),
                read_at,
            },
        );
        Ok(set)
    }

    async fn generate(&self, name: &str, set_is_empty: bool) -> Result<(), KeyFault> {
        if self.secrets.is_empty() {
            return Err(KeyFault::NoSecret {
                set: name.to_owned(),
            });
        }
        tracing::warn!(
            jwk.set = name,
            "the key set has no private key yet, generating one"
        );
        let (kid, bits) = (self.entropy.uuid(), self.settings.rsa_bits);
        let made = tokio::task::spawn_blocking(move || {
            crypto::generate(KeyAlgorithm::Rs256, kid, "sig", bits)
        });
        let unusable = |why: String| KeyFault::Unusable {
            set: name.to_owned(),
            why,
        };
        let key = made
            .await
            .map_err(|why| unusable(why.to_string()))?
            .map_err(|why| unusable(why.to_string()))?;
        let now = self.clock.now();
        let record = seal::close(name, &key, now, &self.secrets, &*self.entropy)?;
        if set_is_empty {
            // Another replica may have been faster; then its key is as good.
            let (SetCreated::Done | SetCreated::Exists) =
                self.store.create_key_set_if_absent(record).await?;
            return Ok(());
        }
        match self.store.add_key(record).await {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
