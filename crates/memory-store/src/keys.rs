//! Key sets.

use std::collections::HashMap;

use async_trait::async_trait;
use jwk_store::{KeyRecord, KeyStore, SetCreated};
use oauth_types::{StoreError, StoreResult};

use crate::{MemoryStore, State};

/// The rows of [`KeyStore`]: sets by name, never empty, each with its keys by key id.
#[derive(Default)]
pub(crate) struct Keys(HashMap<String, HashMap<String, KeyRecord>>);

impl Keys {
    pub(crate) fn exists(&self, set: &str, kid: &str) -> bool {
        self.0.get(set).is_some_and(|keys| keys.contains_key(kid))
    }

    pub(crate) fn remove(&mut self, set: &str, kid: &str) {
        if let Some(keys) = self.0.get_mut(set) {
            keys.remove(kid);
            if keys.is_empty() {
                self.0.remove(set);
            }
        }
    }

    fn insert(&mut self, key: KeyRecord) {
        let set = self.0.entry(key.set.clone()).or_default();
        set.insert(key.kid.clone(), key);
    }
}

#[async_trait]
impl KeyStore for MemoryStore {
    async fn key_set(&self, set: &str) -> StoreResult<Vec<KeyRecord>> {
        let state = self.lock();
        let mut keys: Vec<KeyRecord> = state
            .keys
            .0
            .get(set)
            .map(|keys| keys.values().cloned().collect())
            .unwrap_or_default();
        keys.sort_by(|a, b| (b.created_at, &b.kid).cmp(&(a.created_at, &a.kid)));
        Ok(keys)
    }

    async fn key(&self, set: &str, kid: &str) -> StoreResult<Option<KeyRecord>> {
        let state = self.lock();
        Ok(state
            .keys
            .0
            .get(set)
            .and_then(|keys| keys.get(kid))
            .cloned())
    }

    async fn add_key(&self, key: KeyRecord) -> StoreResult<()> {
        let keys = &mut self.lock().keys;
        if keys.exists(&key.set, &key.kid) {
            return Err(StoreError::Conflict);
        }
        keys.insert(key);
        Ok(())
    }

    async fn create_key_set_if_absent(&self, key: KeyRecord) -> StoreResult<SetCreated> {
        let keys = &mut self.lock().keys;
        if keys.0.contains_key(&key.set) {
            return Ok(SetCreated::Exists);
        }
        keys.insert(key);
        Ok(SetCreated::Done)
    }

    async fn put_key(&self, key: KeyRecord) -> StoreResult<()> {
        self.lock().keys.insert(key);
        Ok(())
    }

    async fn put_key_set(&self, set: &str, keys: Vec<KeyRecord>) -> StoreResult<()> {
        let state = &mut *self.lock();
        let mut kept: HashMap<String, KeyRecord> = HashMap::new();
        for key in keys {
            if kept.insert(key.kid.clone(), key).is_some() {
                return Err(StoreError::Conflict);
            }
        }
        state.trust.forget_keys(set, |kid| !kept.contains_key(kid));
        if kept.is_empty() {
            state.keys.0.remove(set);
        } else {
            state.keys.0.insert(set.to_owned(), kept);
        }
        Ok(())
    }

    async fn delete_key(&self, set: &str, kid: &str) -> StoreResult<()> {
        let State { keys, trust, .. } = &mut *self.lock();
        keys.remove(set, kid);
        trust.forget_keys(set, |gone| gone == kid);
        Ok(())
    }

    async fn delete_key_set(&self, set: &str) -> StoreResult<()> {
        let State { keys, trust, .. } = &mut *self.lock();
        keys.0.remove(set);
        trust.forget_keys(set, |_| true);
        Ok(())
    }
}
