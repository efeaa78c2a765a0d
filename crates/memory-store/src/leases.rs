//! Leases.

use std::collections::HashMap;

use async_trait::async_trait;
use oauth_types::{LeaseStore, StoreResult, Timestamp};

use crate::MemoryStore;

/// The rows of [`LeaseStore`] by name.
pub(crate) type Leases = HashMap<String, Lease>;

/// Who has a lease and until when.
pub(crate) struct Lease {
    holder: String,
    until: Timestamp,
}

#[async_trait]
impl LeaseStore for MemoryStore {
    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool> {
        let leases = &mut self.lock().leases;
        if let Some(lease) = leases.get(name)
            && lease.holder != holder
            && lease.until > now
        {
            return Ok(false);
        }
        let holder = holder.to_owned();
        leases.insert(name.to_owned(), Lease { holder, until });
        Ok(true)
    }

    async fn release_lease(&self, name: &str, holder: &str) -> StoreResult<()> {
        let leases = &mut self.lock().leases;
        if leases.get(name).is_some_and(|l| l.holder == holder) {
            leases.remove(name);
        }
        Ok(())
    }
}
