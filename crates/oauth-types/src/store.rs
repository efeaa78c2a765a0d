use async_trait::async_trait;

use crate::{ClientVersion, Timestamp};

/// Why a back end could not do what it was asked for. Look-ups that find nothing are no error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row of that key exists, or a row that it refers to does not.
    #[error("a row of that key exists already, or one that it belongs to is gone")]
    Conflict,
    /// The back end gave up after its own retries, or has no free connection; nothing changed.
    #[error("the database is busy")]
    Busy,
    /// A stored row cannot be understood.
    #[error("the stored {what} {key:?} cannot be read")]
    Corrupt {
        /// The kind of row.
        what: &'static str,
        /// Which one; never a secret.
        key: String,
    },
    /// Anything else; the cause is for the log.
    #[error("the database failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What storage methods return.
pub type StoreResult<T> = Result<T, StoreError>;

/// A row that belongs to a client, with the version that its client has now: the reader can go on
/// with a cached client if the versions agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// The row.
    pub record: T,
    /// The version of its client at the moment of reading.
    pub client_version: ClientVersion,
}

/// The outcome of a write that holds only for an unchanged client ([`crate::ClientGuard`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// Written.
    Done,
    /// The client has changed or is gone; nothing was written. Read it again and decide anew.
    ClientChanged,
}

/// Which rows of a list are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows to pass over.
    pub offset: u64,
    /// Rows to return at the most.
    pub size: u32,
}

/// One page and how many rows there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The rows of the page.
    pub items: Vec<T>,
    /// All rows of the collection; each list says which filters it counts.
    pub total: u64,
}

/// Lets one of several replicas do a chore, such as removing expired rows.
///
/// A back end of its own is allowed; correctness of the other stores never depends on a lease.
#[async_trait]
pub trait LeaseStore: Send + Sync {
    /// Takes or prolongs the lease `name` for `holder` until `until`; `false` if another holder has
    /// it and its time is not over at `now`. Of simultaneous callers one gets it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] or [`StoreError::Backend`]; then the lease is as it was.
    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool>;

    /// Gives the lease back if `holder` has it; anything else is no error.
    ///
    /// # Errors
    /// [`StoreError::Busy`] or [`StoreError::Backend`].
    async fn release_lease(&self, name: &str, holder: &str) -> StoreResult<()>;
}
