//! Clients.

use std::collections::HashMap;

use async_trait::async_trait;
use client_registry::{ClientFilter, ClientRecord, ClientReplaced, ClientStore};
use oauth_types::{
    ClientGuard, ClientId, ClientVersion, Found, Page, Paged, StoreError, StoreResult,
};

use crate::rows::{count, paged};
use crate::{MemoryStore, State};

/// The rows of [`ClientStore`].
#[derive(Default)]
pub(crate) struct Clients(HashMap<ClientId, ClientRecord>);

impl Clients {
    pub(crate) fn exists(&self, id: &ClientId) -> bool {
        self.0.contains_key(id)
    }

    /// Whether the client is as it was when it was read.
    pub(crate) fn holds(&self, guard: &ClientGuard) -> bool {
        self.0
            .get(&guard.id)
            .is_some_and(|c| c.version == guard.version)
    }

    /// Joins the version of its client to a row.
    pub(crate) fn join<T>(&self, client: &ClientId, record: T) -> Option<Found<T>> {
        let client_version = self.0.get(client)?.version;
        Some(Found {
            record,
            client_version,
        })
    }
}

#[async_trait]
impl ClientStore for MemoryStore {
    async fn client(&self, id: &ClientId) -> StoreResult<Option<ClientRecord>> {
        Ok(self.lock().clients.0.get(id).cloned())
    }

    async fn create(&self, client: ClientRecord) -> StoreResult<()> {
        let clients = &mut self.lock().clients.0;
        let taken = clients
            .values()
            .any(|c| c.id == client.id || c.row_id == client.row_id);
        if taken {
            return Err(StoreError::Conflict);
        }
        clients.insert(client.id.clone(), client);
        Ok(())
    }

    async fn replace(
        &self,
        client: ClientRecord,
        expected: ClientVersion,
    ) -> StoreResult<ClientReplaced> {
        let clients = &mut self.lock().clients.0;
        let Some(stored) = clients.get_mut(&client.id) else {
            return Ok(ClientReplaced::Unknown);
        };
        if stored.version != expected {
            return Ok(ClientReplaced::Changed);
        }
        *stored = ClientRecord {
            row_id: std::mem::take(&mut stored.row_id),
            created_at: stored.created_at,
            ..client
        };
        Ok(ClientReplaced::Done)
    }

    async fn delete(&self, id: &ClientId) -> StoreResult<bool> {
        let State {
            clients,
            flows,
            grants,
            ..
        } = &mut *self.lock();
        flows.forget_client(id);
        grants.forget_client(id);
        Ok(clients.0.remove(id).is_some())
    }

    async fn list(&self, filter: &ClientFilter, page: Page) -> StoreResult<Paged<ClientRecord>> {
        let clients = &self.lock().clients.0;
        let mut found: Vec<&ClientRecord> = clients
            .values()
            .filter(|c| filter.name.as_ref().is_none_or(|name| *name == c.name))
            .filter(|c| filter.owner.as_ref().is_none_or(|owner| *owner == c.owner))
            .collect();
        found.sort_by(|a, b| a.row_id.cmp(&b.row_id));
        Ok(Paged {
            items: paged(found.into_iter().cloned(), page),
            total: count(clients.len()),
        })
    }
}
