//! What tokens remember: the sealed payload of codes, access and refresh tokens.

use std::sync::Arc;

use crypto::SystemSecrets;
use oauth_types::{Entropy, StoreError, StoreResult};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The session of a grant, carried from the authorization to every token of it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The real subject; for machines the client id.
    pub(crate) subject: String,
    /// The subject as the client sees it; empty where there is no user.
    pub(crate) client_subject: String,
    /// Granted scopes.
    pub(crate) scope: Vec<String>,
    /// Granted audiences.
    pub(crate) audience: Vec<String>,
    /// Custom claims of access tokens.
    pub(crate) extra: Map<String, Value>,
    /// Custom claims of ID tokens.
    pub(crate) id_claims: Map<String, Value>,
    /// The login session; empty if it had ended.
    pub(crate) sid: Option<String>,
    /// `nonce`, if sent.
    pub(crate) nonce: String,
    /// When the user logged in, seconds.
    pub(crate) auth_time: Option<i64>,
    /// When the authorization request came, seconds.
    pub(crate) rat: Option<i64>,
    /// How strongly the user was authenticated.
    pub(crate) acr: String,
    /// By which means.
    pub(crate) amr: Vec<String>,
    /// Custom claims that JWT access tokens repeat at the top level.
    pub(crate) allowed_top_level_claims: Vec<String>,
    /// Whether JWT access tokens go without `nbf`.
    pub(crate) exclude_not_before: bool,
}

/// The payload of an authorization code.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CodeDetails {
    pub(crate) session: Session,
    /// The `redirect_uri` parameter of the authorization request; empty: not sent.
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: String,
    pub(crate) code_challenge_method: String,
    /// `c_hash` of a hybrid flow's ID token, which the one bought with the code repeats.
    pub(crate) c_hash: String,
    /// The expiry of the access token that the front channel handed out with the code,
    /// microseconds. Hydra: the one bought with the code ends with it.
    pub(crate) access_expires_at: Option<i64>,
    /// The parameters that are checked again when the ID token is made.
    pub(crate) max_age: String,
    pub(crate) prompt: String,
    pub(crate) id_token_hint: String,
    pub(crate) acr_requested: bool,
}

/// Seals and opens payloads.
#[derive(Clone)]
pub(crate) struct Vault {
    pub(crate) secrets: SystemSecrets,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Vault {
    pub(crate) fn close<T: Serialize>(&self, value: &T) -> StoreResult<Vec<u8>> {
        let plain = serde_json::to_vec(value).map_err(|e| StoreError::Backend(Box::new(e)))?;
        self.secrets
            .seal_bytes(&plain, &*self.entropy)
            .map_err(|e| StoreError::Backend(Box::new(e)))
    }

    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        payload: &[u8],
        what: &'static str,
        key: &str,
    ) -> StoreResult<T> {
        let corrupt = || StoreError::Corrupt {
            what,
            key: key.chars().take(8).collect(),
        };
        let plain = self.secrets.open_bytes(payload).map_err(|_| corrupt())?;
        serde_json::from_slice(&plain).map_err(|_| corrupt())
    }
}
