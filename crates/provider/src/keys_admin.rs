//! Reading key sets, on the admin side. Private parts are included.

use std::sync::Arc;

use oauth_types::{ErrorCode, OAuthError};

use crate::Provider;

impl Provider {
    /// A key set as JSON text, newest key first.
    ///
    /// # Errors
    /// 404 if there is no such set.
    pub async fn key_set(&self, set: &str) -> Result<Arc<str>, OAuthError> {
        let keys = self
            .keys
            .stored(set)
            .await
            .map_err(|fault| unnamed(&fault))?;
        if keys.is_empty() {
            return Err(ErrorCode::ResourceNotFound.into());
        }
        let keys: Vec<String> = keys.iter().map(crypto::Jwk::to_json_text).collect();
        Ok(format!("{{\"keys\":[{}]}}", keys.join(",")).into())
    }

    /// A set of one key as JSON text.
    ///
    /// # Errors
    /// 404 if there is no such key; Hydra words it otherwise than that of a set.
    pub async fn key(&self, set: &str, kid: &str) -> Result<Arc<str>, OAuthError> {
        let key = self
            .keys
            .stored_key(set, kid)
            .await
            .map_err(|fault| unnamed(&fault))?;
        let key = key.ok_or(OAuthError::new(ErrorCode::RowNotFound))?;
        Ok(format!("{{\"keys\":[{}]}}", key.to_json_text()).into())
    }
}

/// Hydra: a key that cannot be opened is an unnamed error here; ours says which.
fn unnamed(fault: &jwk_store::KeyFault) -> OAuthError {
    OAuthError::new(ErrorCode::Unrecognizable).hint(fault.to_string())
}
