//! What a back end has to keep about clients.

use async_trait::async_trait;
use oauth_types::{ClientId, ClientVersion, Page, Paged, SecretHash, StoreResult, Timestamp};

/// A client as it is stored. The columns are what a back end searches, compares or joins; all other
/// members of the client stand in `payload`, which only this crate reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRecord {
    /// The key; never changes.
    pub id: ClientId,
    /// Orders lists and names the client's CSRF cookies: a UUID, equal to `id` for clients that
    /// Hydra 2.x or this server created. Unique and unchanging.
    pub row_id: String,
    /// 1 for a new client; see [`ClientStore::replace`].
    pub version: ClientVersion,
    /// For the filter of lists; may be empty.
    pub name: String,
    /// For the filter of lists; may be empty.
    pub owner: String,
    /// The hashed secret. Public clients have one, too, which nobody was shown.
    pub secret: SecretHash,
    /// The last part of the registration access token (RFC 7592 §3); empty: there is none.
    pub registration_signature: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// Everything else, opaque to the back end: UTF-8 JSON.
    pub payload: Vec<u8>,
}

/// What a list of clients is narrowed by; `None` does not narrow. Both are compared exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// The client's name.
    pub name: Option<String>,
    /// The client's owner.
    pub owner: Option<String>,
}

/// Keeps clients.
///
/// Has to be the same back end as `FlowStore` and `GrantStore`: deleting a client ends all that
/// belongs to it, and their writes are conditional on its version.
#[async_trait]
pub trait ClientStore: Send + Sync {
    /// Finds a client by its id, compared exactly: letter case and trailing blanks count.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn client(&self, id: &ClientId) -> StoreResult<Option<ClientRecord>>;

    /// Keeps a new client.
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if its id or row id is taken.
    async fn create(&self, client: ClientRecord) -> StoreResult<()>;

    /// Replaces all of a client but `id`, `row_id` and `created_at`, if it still has the version
    /// `expected`. The record carries the next version.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn replace(
        &self,
        client: ClientRecord,
        expected: ClientVersion,
    ) -> StoreResult<ClientReplaced>;

    /// Removes a client and, in the same step, its flows, consents, logout requests, grants, codes,
    /// tokens and pairwise identifiers. `false` if there was none.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn delete(&self, id: &ClientId) -> StoreResult<bool>;

    /// One page of clients in ascending order of `row_id`. `total` counts **all** clients, whatever
    /// the filter, as Hydra's `X-Total-Count` does.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn list(&self, filter: &ClientFilter, page: Page) -> StoreResult<Paged<ClientRecord>>;
}

/// The outcome of [`ClientStore::replace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientReplaced {
    /// Replaced.
    Done,
    /// Somebody else replaced it first; nothing was written.
    Changed,
    /// There is no such client.
    Unknown,
}
