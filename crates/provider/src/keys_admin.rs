//! Key sets, on the admin side. Private parts are included.

use std::sync::Arc;

use crypto::{Jwk, KeyAlgorithm};
use jwk_store::{KeyFault, NewKey};
use oauth_types::{ErrorCode, OAuthError};

use crate::Provider;

/// What an administrator wants a new key to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRequest {
    /// Its `alg`, one of those that are signed with.
    pub alg: String,
    /// Its `use`, any text; empty: `sig`.
    pub key_use: String,
    /// Its `kid`, any text; empty: a random UUID.
    pub kid: String,
}

impl Provider {
    /// A key set as JSON text, newest key first.
    ///
    /// # Errors
    /// 404 if there is no such set.
    pub async fn key_set(&self, set: &str) -> Result<Arc<str>, OAuthError> {
        let keys = self.keys.stored(set).await.map_err(unnamed)?;
        if keys.is_empty() {
            return Err(ErrorCode::ResourceNotFound.into());
        }
        Ok(set_text(&keys))
    }

    /// A set of one key as JSON text.
    ///
    /// # Errors
    /// 404 if there is no such key; Hydra words it otherwise than that of a set.
    pub async fn key(&self, set: &str, kid: &str) -> Result<Arc<str>, OAuthError> {
        let key = self.keys.stored_key(set, kid).await.map_err(unnamed)?;
        let key = key.ok_or(OAuthError::new(ErrorCode::RowNotFound))?;
        Ok(set_text(&[key]))
    }

    /// Generates a key and adds it to a set, where it signs from now on; the set need not exist.
    /// Returns a set of the new key alone, as JSON text.
    ///
    /// # Errors
    /// 400 for an algorithm that is not signed with, 409 if the set has a key of that id.
    pub async fn create_key(&self, set: &str, wanted: KeyRequest) -> Result<Arc<str>, OAuthError> {
        let algorithm = KeyAlgorithm::parse(&wanted.alg).ok_or_else(|| {
            OAuthError::new(ErrorCode::BadRequest).hint("Unsupported key algorithm")
        })?;
        let new = NewKey {
            algorithm,
            kid: wanted.kid,
            key_use: wanted.key_use,
        };
        let key = self.keys.add_generated(set, new).await.map_err(unnamed)?;
        Ok(set_text(&[key]))
    }

    /// Makes a set consist of these keys, each the text of a JSON Web Key; `None` is a set without
    /// keys, told as `null`. Returns the set as it was understood, as JSON text. Trusted issuers
    /// whose keys stay, stay.
    ///
    /// # Errors
    /// 400 if a key is none, 409 if two have one id; nothing has changed then.
    pub async fn put_key_set(
        &self,
        set: &str,
        keys: Option<Vec<String>>,
    ) -> Result<Arc<str>, OAuthError> {
        let Some(texts) = keys else {
            self.keys.put_set(set, &[]).await.map_err(unnamed)?;
            return Ok(r#"{"keys":null}"#.into());
        };
        let keys = parsed(texts).await?;
        self.keys.put_set(set, &keys).await.map_err(unnamed)?;
        Ok(set_text(&keys))
    }

    /// Puts a key, the text of a JSON Web Key, in the place of the one with its id, or adds it; the
    /// set need not exist. Returns the key as it was understood, as JSON text.
    ///
    /// # Errors
    /// 400 if it is no key.
    pub async fn put_key(&self, set: &str, key: String) -> Result<Arc<str>, OAuthError> {
        let keys = parsed(vec![key]).await?;
        let mut text = String::new();
        for key in &keys {
            self.keys.put_key(set, key).await.map_err(unnamed)?;
            text = key.to_json_text();
        }
        Ok(text.into())
    }

    /// Removes a key and the trusted issuers that refer to it. No error if there is none.
    ///
    /// # Errors
    /// If the storage fails.
    pub async fn delete_key(&self, set: &str, kid: &str) -> Result<(), OAuthError> {
        self.keys.delete_key(set, kid).await.map_err(unnamed)
    }

    /// Removes a set and the trusted issuers that refer to its keys. No error if there is none.
    ///
    /// # Errors
    /// If the storage fails.
    pub async fn delete_key_set(&self, set: &str) -> Result<(), OAuthError> {
        self.keys.delete_set(set).await.map_err(unnamed)
    }
}

fn set_text(keys: &[Jwk]) -> Arc<str> {
    let keys: Vec<String> = keys.iter().map(Jwk::to_json_text).collect();
    format!("{{\"keys\":[{}]}}", keys.join(",")).into()
}

/// Reads keys off the I/O threads, since whether an RSA key is one takes some calculating.
pub(crate) async fn parsed(texts: Vec<String>) -> Result<Vec<Jwk>, OAuthError> {
    let parsed = tokio::task::spawn_blocking(move || {
        let parse = |(number, text): (usize, &String)| {
            Jwk::parse_text(text).map_err(|why| format!("key {number}: {why}"))
        };
        texts.iter().enumerate().map(parse).collect()
    });
    let keys: Result<Vec<Jwk>, String> = parsed
        .await
        .map_err(|error| OAuthError::new(ErrorCode::ServerError).debug(error.to_string()))?;
    keys.map_err(|why| {
        let hint = format!("Unable to decode the request body: {why}");
        OAuthError::new(ErrorCode::Malformed).hint(hint)
    })
}

/// Hydra: a key that cannot be opened or made is an unnamed error here; ours says which.
fn unnamed(fault: KeyFault) -> OAuthError {
    match fault {
        KeyFault::NoSecret { .. } | KeyFault::Sealed { .. } | KeyFault::Unusable { .. } => {
            OAuthError::new(ErrorCode::Unrecognizable).hint(fault.to_string())
        }
        KeyFault::Taken | KeyFault::NameTooLong | KeyFault::Store(_) => fault.into(),
    }
}
