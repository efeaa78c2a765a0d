//! The token side of a server, joined.

use std::sync::Arc;

use crypto::SystemSecrets;
use jwk_store::KeySets;
use oauth_types::{Entropy, Fetch, Secret};

use crate::session::Vault;
use crate::{GrantStore, RemoteKeys, TrustStore};

/// Logic of the protocol over the stores of grants and keys. Its methods stand in the files of
/// their subjects: `authorize/`, `grants/`, `introspect`, `revoke`, `trust`, `userinfo`.
#[derive(Clone)]
pub struct Core {
    /// Codes and tokens.
    pub grants: Arc<dyn GrantStore>,
    /// Trusted issuers and used assertions.
    pub trust: Arc<dyn TrustStore>,
    /// Signing keys.
    pub keys: Arc<KeySets>,
    /// What makes and checks opaque tokens, and seals what is kept of them.
    pub secrets: SystemSecrets,
    /// What makes tokens unguessable.
    pub entropy: Arc<dyn Entropy>,
    /// What reaches other servers.
    pub fetch: Arc<dyn Fetch>,
    /// Key sets of clients that lie on other servers.
    pub remote_keys: Arc<RemoteKeys>,
}

/// A successful answer of the token endpoint (RFC 6749 §5.1).
#[derive(Clone, Debug)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: Secret,
    /// Seconds for which it is good.
    pub expires_in: i64,
    /// The ID token, if `openid` was granted to a user's client.
    pub id_token: Option<String>,
    /// The refresh token, if one was granted.
    pub refresh_token: Option<Secret>,
    /// Granted scopes, joined.
    pub scope: String,
}

impl Core {
    pub(crate) fn vault(&self) -> Vault {
        Vault {
            secrets: self.secrets.clone(),
            entropy: self.entropy.clone(),
        }
    }
}
