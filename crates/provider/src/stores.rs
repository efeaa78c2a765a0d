use std::sync::Arc;

use client_registry::ClientStore;
use consent_flow::FlowStore;
use jwk_store::KeyStore;
use oauth_core::{GrantStore, TrustStore};
use oauth_types::LeaseStore;

/// Where everything is kept.
///
/// * **Which must I supply?** All six. `MemoryStore` and `persistence::Db` implement every one, so
///   [`Stores::all`] is enough with either.
/// * **May I mix?** `clients`, `flows` and `grants` have to be one back end: deleting a client ends
///   its flows and tokens, revoking a consent ends its tokens, and using up a consent verifier and
///   keeping the code that it buys is one step. `keys` and `trust` have to be one back end: a
///   trusted issuer goes with its key. `leases` may be anything.
/// * **What must hold?** What the traits' methods say, proved by running `store-conformance`.
#[derive(Clone)]
pub struct Stores {
    /// Clients.
    pub clients: Arc<dyn ClientStore>,
    /// Logins, consents, logouts.
    pub flows: Arc<dyn FlowStore>,
    /// Codes and tokens.
    pub grants: Arc<dyn GrantStore>,
    /// Signing keys.
    pub keys: Arc<dyn KeyStore>,
    /// Trusted issuers and used assertions.
    pub trust: Arc<dyn TrustStore>,
    /// Which replica tidies up.
    pub leases: Arc<dyn LeaseStore>,
}

impl Stores {
    /// Takes everything from one back end.
    pub fn all<S>(store: S) -> Self
    where
        S: ClientStore + FlowStore + GrantStore + KeyStore + TrustStore + LeaseStore + 'static,
    {
        let store = Arc::new(store);
        Self {
            clients: store.clone(),
            flows: store.clone(),
            grants: store.clone(),
            keys: store.clone(),
            trust: store.clone(),
            leases: store,
        }
    }
}
