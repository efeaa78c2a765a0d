//! What a server says of itself (OpenID Connect Discovery §3).

use jwk_store::ID_TOKEN_KEYS;
use oauth_types::OAuthError;

use crate::Core;

/// What discovery says and an operator can change. None of it changes a route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoveryPolicy {
    /// `issuer`.
    pub issuer: String,
    /// `authorization_endpoint`.
    pub authorization_endpoint: String,
    /// `registration_endpoint`; left out where unset.
    pub registration_endpoint: Option<String>,
    /// `token_endpoint`.
    pub token_endpoint: String,
    /// `jwks_uri`.
    pub jwks_uri: String,
    /// `subject_types_supported`.
    pub subject_types: Vec<String>,
    /// Beside `sub`.
    pub claims: Vec<String>,
    /// `userinfo_endpoint`.
    pub userinfo_endpoint: String,
    /// Beside `offline_access`, `offline` and `openid`.
    pub scopes: Vec<String>,
    /// `revocation_endpoint`.
    pub revocation_endpoint: String,
    /// `end_session_endpoint`.
    pub end_session_endpoint: String,
}

/// The discovery document's changing part; the rest is constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// What the operator says.
    pub policy: DiscoveryPolicy,
    /// `sub` and the configured claims, each once.
    pub claims_supported: Vec<String>,
    /// The three standing scopes and the configured ones, each once.
    pub scopes_supported: Vec<String>,
    /// The algorithm of the newest ID token key.
    pub signing_alg: String,
}

impl Core {
    /// Puts the document together; makes the signing key if there is none yet.
    ///
    /// # Errors
    /// If the keys cannot be used.
    pub async fn discovery(&self, policy: DiscoveryPolicy) -> Result<Discovery, OAuthError> {
        let set = self.keys.signing(ID_TOKEN_KEYS).await?;
        let signing_alg = set.signing_alg().to_owned();
        Ok(Discovery {
            claims_supported: once(&["sub"], &policy.claims),
            scopes_supported: once(&["offline_access", "offline", "openid"], &policy.scopes),
            policy,
            signing_alg,
        })
    }
}

fn once(standing: &[&str], configured: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for item in standing
        .iter()
        .copied()
        .chain(configured.iter().map(String::as_str))
    {
        if !all.iter().any(|a| a == item) {
            all.push(item.to_owned());
        }
    }
    all
}
