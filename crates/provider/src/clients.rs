//! Clients, read once: a cached client is confirmed by the statement that acts for it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use client_registry::{Client, ClientStore};
use oauth_types::{ClientId, ClientVersion, StoreResult};

/// How many clients are remembered; when there are more, all are forgotten and read anew.
const REMEMBERED: usize = 10_000;

/// Finds clients, in memory where that is allowed.
pub(crate) struct Clients {
    store: Arc<dyn ClientStore>,
    known: RwLock<HashMap<ClientId, Arc<Client>>>,
}

impl Clients {
    pub(crate) fn new(store: Arc<dyn ClientStore>) -> Self {
        Self {
            store,
            known: RwLock::default(),
        }
    }

    /// The client as it is stored now.
    pub(crate) async fn fresh(&self, id: &ClientId) -> StoreResult<Option<Arc<Client>>> {
        let Some(record) = self.store.client(id).await? else {
            self.forget(id);
            return Ok(None);
        };
        let client = Arc::new(Client::from_record(&record)?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(id.clone(), client.clone());
        Ok(Some(client))
    }

    /// The client, perhaps as it was a while ago. Whoever acts on it has to confirm its version, and
    /// whoever refuses has to read it anew first.
    pub(crate) async fn perhaps_stale(&self, id: &ClientId) -> StoreResult<Option<Arc<Client>>> {
        let known = self.known(id);
        if known.is_some() {
            Ok(known)
        } else {
            self.fresh(id).await
        }
    }

    /// The client of a row that was read with the client's version.
    pub(crate) async fn at(
        &self,
        id: &ClientId,
        version: ClientVersion,
    ) -> StoreResult<Option<Arc<Client>>> {
        match self.known(id).filter(|client| client.version == version) {
            Some(client) => Ok(Some(client)),
            None => self.fresh(id).await,
        }
    }

    pub(crate) fn forget(&self, id: &ClientId) {
        self.known
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
    }

    fn known(&self, id: &ClientId) -> Option<Arc<Client>> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned()
    }
}
