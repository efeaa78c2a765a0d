//! All store traits over plain maps: the reference back end, and the one that most tests run on.
//!
//! One lock guards everything, so every method is one atomic step by construction and the code can
//! be read as the meaning of the traits. Nothing outlives the process, and there is neither a clock
//! nor randomness inside. Look-ups take constant time; lists, removals and cascades walk the rows.
//!
//! ```
//! use memory_store::MemoryStore;
//! use oauth_types::{LeaseStore, Timestamp};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> oauth_types::StoreResult<()> {
//! let store = MemoryStore::new();
//! let (now, later) = (Timestamp::from_secs(0), Timestamp::from_secs(60));
//! assert!(store.acquire_lease("tidy", "replica-1", now, later).await?);
//! assert!(!store.clone().acquire_lease("tidy", "replica-2", now, later).await?);
//! # Ok(())
//! # }
//! ```

mod clients;
mod flow_rows;
mod flows;
mod grants;
mod keys;
mod leases;
mod rows;
mod trust;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A back end that keeps everything in memory. Clones share their rows.
#[derive(Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the one lock. Steps check before they write and do not fail half-way, so rows are good
    /// even if a thread died while it held the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryStore")
    }
}

/// All rows of all traits, since the traits cascade into each other.
#[derive(Default)]
struct State {
    clients: clients::Clients,
    keys: keys::Keys,
    flows: flow_rows::FlowRows,
    grants: grants::Grants,
    trust: trust::Trust,
    leases: leases::Leases,
}
