//! What a back end has to keep about keys.

use async_trait::async_trait;
use oauth_types::{StoreResult, Timestamp};

/// One key of a set as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The name of the set, at most 255 characters.
    pub set: String,
    /// The key id, unique in its set; may be empty.
    pub kid: String,
    /// Orders the set: the newest key comes first and signs. Keys written together get rising
    /// times from the domain, so that no two of a set are equal.
    pub created_at: Timestamp,
    /// The JSON Web Key, sealed (Hydra's base64url text of AES-256-GCM).
    pub sealed: String,
}

/// Keeps key sets. A set exists while it has a key.
///
/// May be a back end of its own, but shares it with `TrustStore`: a trusted issuer goes with its
/// key.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// All keys of a set, newest first; empty if there is no such set.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn key_set(&self, set: &str) -> StoreResult<Vec<KeyRecord>>;

    /// One key.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn key(&self, set: &str, kid: &str) -> StoreResult<Option<KeyRecord>>;

    /// Adds a key to a set.
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if the set has a key of that id; nothing changed.
    async fn add_key(&self, key: KeyRecord) -> StoreResult<()>;

    /// Adds `key` unless its set has a key by now. Of any number of simultaneous callers, in
    /// whatever process, exactly one gets [`SetCreated::Done`].
    ///
    /// # Errors
    /// Only those of the back end.
    async fn create_key_set_if_absent(&self, key: KeyRecord) -> StoreResult<SetCreated>;

    /// Puts a key in the place of the one with its set and id, or adds it. Trusted issuers that
    /// refer to the key stay.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn put_key(&self, key: KeyRecord) -> StoreResult<()>;

    /// Makes a set consist of exactly these keys, in one step. Trusted issuers whose key id stays
    /// in the set stay; those of removed keys go.
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if two of them have one id; nothing changed.
    async fn put_key_set(&self, set: &str, keys: Vec<KeyRecord>) -> StoreResult<()>;

    /// Removes a key and the trusted issuers that refer to it. No error if there is none.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn delete_key(&self, set: &str, kid: &str) -> StoreResult<()>;

    /// Removes a set and the trusted issuers that refer to its keys. No error if there is none.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn delete_key_set(&self, set: &str) -> StoreResult<()>;
}

/// The outcome of [`KeyStore::create_key_set_if_absent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetCreated {
    /// The set now has this key.
    Done,
    /// The set had a key; nothing was written.
    Exists,
}
