use std::sync::{Arc, PoisonError, RwLock};

use consent_flow::Flows;
use crypto::{CookieKeys, SecretChecker, SystemSecrets};
use jwk_store::{ID_TOKEN_KEYS, JWT_ACCESS_TOKEN_KEYS, KeySets, KeySettings};
use oauth_core::{AccessTokenStrategy, Core, RemoteKeys};
use oauth_types::{Clock, Entropy, Fetch, Secret, Timestamp};

use crate::clients::Clients;
use crate::{Policy, Readiness, Stores};

/// What a [`Provider`] is made of.
pub struct ProviderParts {
    /// Where everything is kept.
    pub stores: Stores,
    /// What the operator decided.
    pub policy: Policy,
    /// `secrets.system`: the first one writes, all of them read.
    pub system_secrets: Vec<Secret>,
    /// `secrets.cookie`; empty: derived from the first system secret.
    pub cookie_secrets: Vec<Secret>,
    /// What keys are generated like.
    pub keys: KeySettings,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What makes things unguessable.
    pub entropy: Arc<dyn Entropy>,
    /// What reaches other servers; [`oauth_types::NoFetch`] where none is to be called.
    pub fetch: Arc<dyn Fetch>,
    /// What knows whether the back end works; [`crate::AlwaysReady`] where it cannot fail.
    pub readiness: Arc<dyn Readiness>,
}

/// The server without its HTTP: one method per endpoint, in the files of the endpoint groups.
pub struct Provider {
    pub(crate) stores: Stores,
    pub(crate) core: Core,
    pub(crate) flows: Flows,
    pub(crate) keys: Arc<KeySets>,
    pub(crate) clients: Clients,
    pub(crate) secrets: SystemSecrets,
    pub(crate) cookie_keys: CookieKeys,
    pub(crate) checker: SecretChecker,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) readiness: Arc<dyn Readiness>,
    policy: RwLock<Arc<Policy>>,
}

impl Provider {
    /// Joins the parts. Nothing is read or generated yet.
    #[must_use]
    pub fn new(parts: ProviderParts) -> Self {
        let secrets = SystemSecrets::new(&parts.system_secrets);
        let keys = Arc::new(KeySets::new(
            parts.stores.keys.clone(),
            secrets.clone(),
            parts.entropy.clone(),
            parts.clock.clone(),
            parts.keys,
        ));
        let core = Core {
            grants: parts.stores.grants.clone(),
            trust: parts.stores.trust.clone(),
            keys: keys.clone(),
            secrets: secrets.clone(),
            entropy: parts.entropy.clone(),
            remote_keys: Arc::new(RemoteKeys::new(parts.fetch.clone())),
            fetch: parts.fetch,
        };
        let flows = Flows {
            store: parts.stores.flows.clone(),
            secrets: secrets.clone(),
            entropy: parts.entropy.clone(),
        };
        Self {
            clients: Clients::new(parts.stores.clients.clone()),
            cookie_keys: CookieKeys::new(&parts.cookie_secrets, &secrets),
            checker: SecretChecker::new(secrets.clone(), parts.policy.hash, &*parts.entropy),
            stores: parts.stores,
            core,
            flows,
            keys,
            secrets,
            clock: parts.clock,
            entropy: parts.entropy,
            readiness: parts.readiness,
            policy: RwLock::new(Arc::new(parts.policy)),
        }
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        self.policy
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts another policy in force, for requests from now on.
    pub fn set_policy(&self, policy: Policy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }

    /// Makes the signing keys that will be needed, so that no request has to wait for them. Errors
    /// are logged; the next request that needs a key tries again.
    pub async fn warm_up(&self) {
        if self.secrets.is_empty() {
            return;
        }
        let jwt = self.policy().tokens.access_tokens == AccessTokenStrategy::Jwt;
        let sets = [Some(ID_TOKEN_KEYS), jwt.then_some(JWT_ACCESS_TOKEN_KEYS)];
        for set in sets.into_iter().flatten() {
            if let Err(error) = self.keys.signing(set).await {
                tracing::error!(jwk.set = set, %error, "the signing keys cannot be made");
            }
        }
    }

    /// How many slow hashes and signatures were computed, for tests that count them.
    #[must_use]
    pub fn work_done(&self) -> (u64, u64) {
        (self.checker.slow_hashes(), self.keys.signatures())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
