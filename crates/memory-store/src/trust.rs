//! Trusted issuers and used assertion ids.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use oauth_core::{Claimed, IssuerRecord, TrustStore};
use oauth_types::{Page, Paged, StoreError, StoreResult, Subject, Timestamp};

use crate::rows::{count, expired, paged, remove_expired};
use crate::{MemoryStore, State};

/// The most records that [`TrustStore::issuers_for`] gives.
const ISSUERS_AT_MOST: usize = 100;

/// The rows of [`TrustStore`].
#[derive(Default)]
pub(crate) struct Trust {
    issuers: BTreeMap<String, IssuerRecord>,
    /// When the use of an assertion ends, by namespace and hash.
    jtis: HashMap<(String, String), Timestamp>,
}

impl Trust {
    /// Issuers go with their key.
    pub(crate) fn forget_keys(&mut self, set: &str, gone: impl Fn(&str) -> bool) {
        self.issuers.retain(|_, i| i.issuer != set || !gone(&i.kid));
    }
}

#[async_trait]
impl TrustStore for MemoryStore {
    async fn create_issuer(&self, issuer: IssuerRecord) -> StoreResult<()> {
        let State { keys, trust, .. } = &mut *self.lock();
        let taken = trust.issuers.values().any(|i| {
            i.id == issuer.id
                || (i.issuer == issuer.issuer && i.subject == issuer.subject && i.kid == issuer.kid)
        });
        if taken || !keys.exists(&issuer.issuer, &issuer.kid) {
            return Err(StoreError::Conflict);
        }
        trust.issuers.insert(issuer.id.clone(), issuer);
        Ok(())
    }

    async fn issuer(&self, id: &str) -> StoreResult<Option<IssuerRecord>> {
        Ok(self.lock().trust.issuers.get(id).cloned())
    }

    async fn issuers(&self, issuer: Option<&str>, page: Page) -> StoreResult<Paged<IssuerRecord>> {
        let issuers = &self.lock().trust.issuers;
        let found = issuers
            .values()
            .filter(|i| issuer.is_none_or(|name| name == i.issuer));
        Ok(Paged {
            items: paged(found.cloned(), page),
            total: count(issuers.len()),
        })
    }

    async fn issuers_for(
        &self,
        issuer: &str,
        subject: &Subject,
        now: Timestamp,
    ) -> StoreResult<Vec<IssuerRecord>> {
        let state = self.lock();
        let mut found: Vec<IssuerRecord> = state
            .trust
            .issuers
            .values()
            .filter(|i| i.issuer == issuer && i.expires_at > now)
            .filter(|i| i.subject.as_ref().is_none_or(|s| s == subject))
            .cloned()
            .collect();
        found.sort_by_key(|i| i.subject.is_none());
        found.truncate(ISSUERS_AT_MOST);
        Ok(found)
    }

    async fn delete_issuer(&self, id: &str) -> StoreResult<bool> {
        let State { keys, trust, .. } = &mut *self.lock();
        let Some(gone) = trust.issuers.remove(id) else {
            return Ok(false);
        };
        let needed = trust
            .issuers
            .values()
            .any(|i| i.issuer == gone.issuer && i.kid == gone.kid);
        if !needed {
            keys.remove(&gone.issuer, &gone.kid);
        }
        Ok(true)
    }

    async fn claim_jti(
        &self,
        namespace: &str,
        hash: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> StoreResult<Claimed> {
        let jtis = &mut self.lock().trust.jtis;
        let key = (namespace.to_owned(), hash.to_owned());
        if jtis.get(&key).is_some_and(|end| *end > now) {
            return Ok(Claimed::Known);
        }
        jtis.insert(key, expires_at);
        Ok(Claimed::First)
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64> {
        let trust = &mut self.lock().trust;
        let issuers = expired(&trust.issuers, |i| i.expires_at, before, limit);
        for id in &issuers {
            trust.issuers.remove(id);
        }
        let jtis = remove_expired(&mut trust.jtis, |end| *end, before, limit);
        Ok(count(issuers.len()) + jtis)
    }
}
