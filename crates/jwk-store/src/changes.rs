//! Changes of key sets. Here they count at once; other replicas see them when what they opened is
//! no longer believed.

use crypto::{Jwk, KeyAlgorithm};
use oauth_types::{Duration, EntropyExt, StoreError, Timestamp};

use crate::{KeyFault, KeyRecord, KeySets, seal};

/// How long names of sets and keys may be, in characters.
const LONGEST_NAME: usize = 255;

/// The least time between two keys of a set.
const NEXT: Duration = Duration::from_nanos(1_000);

/// What a key is to be that is generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// What it signs with.
    pub algorithm: KeyAlgorithm,
    /// Its id; empty: a random UUID.
    pub kid: String,
    /// Its `use`, any text; empty: `sig`.
    pub key_use: String,
}

impl KeySets {
    /// Generates a private key and adds it to a set, where it is the newest: from now on it signs.
    ///
    /// # Errors
    /// [`KeyFault::Taken`] if the set has a key of that id, and every other [`KeyFault`].
    pub async fn add_generated(&self, set: &str, new: NewKey) -> Result<Jwk, KeyFault> {
        check_name(set)?;
        check_name(&new.kid)?;
        // Generating is slow, so what cannot be added is not generated.
        if self.has_key(set, &new.kid).await? {
            return Err(KeyFault::Taken);
        }
        let kid = or(new.kid, || self.entropy.uuid());
        let key_use = or(new.key_use, || "sig".to_owned());
        let key = self.generated(set, new.algorithm, kid, key_use).await?;
        self.add_key(set, &key).await?;
        Ok(key)
    }

    /// Adds a key to a set unless the set has one of that id, which stays as it is then.
    ///
    /// # Errors
    /// Every [`KeyFault`] but [`KeyFault::Taken`].
    pub async fn add_if_absent(&self, set: &str, key: &Jwk) -> Result<(), KeyFault> {
        check_name(set)?;
        check_name(key.kid())?;
        if self.has_key(set, key.kid()).await? {
            return Ok(());
        }
        match self.add_key(set, key).await {
            Err(KeyFault::Taken) => Ok(()),
            other => other,
        }
    }

    /// Puts a key in the place of the one with its id, or adds it; it is the newest of the set then.
    ///
    /// # Errors
    /// Every [`KeyFault`] but [`KeyFault::Taken`].
    pub async fn put_key(&self, set: &str, key: &Jwk) -> Result<(), KeyFault> {
        check_name(set)?;
        check_name(key.kid())?;
        let _in_turn = self.writing.lock().await;
        let record = self.sealed(set, key, self.next_moment(set).await?)?;
        let written = self.store.put_key(record).await;
        self.forget(set);
        Ok(written?)
    }

    /// Makes a set consist of exactly these keys, of which the last is the newest. Without keys
    /// there is no set.
    ///
    /// # Errors
    /// [`KeyFault::Taken`] if two of them have one id, and every other [`KeyFault`]; nothing has
    /// changed then.
    pub async fn put_set(&self, set: &str, keys: &[Jwk]) -> Result<(), KeyFault> {
        check_name(set)?;
        keys.iter().try_for_each(|key| check_name(key.kid()))?;
        let _in_turn = self.writing.lock().await;
        let mut moment = self.next_moment(set).await?;
        let mut records = Vec::with_capacity(keys.len());
        for key in keys {
            records.push(self.sealed(set, key, moment)?);
            moment = moment.plus(NEXT);
        }
        let written = self.store.put_key_set(set, records).await;
        self.forget(set);
        written.map_err(taken)
    }

    /// Removes a key and the trusted issuers that refer to it. No error if there is none.
    ///
    /// # Errors
    /// [`KeyFault::Store`].
    pub async fn delete_key(&self, set: &str, kid: &str) -> Result<(), KeyFault> {
        let deleted = self.store.delete_key(set, kid).await;
        self.forget(set);
        Ok(deleted?)
    }

    /// Removes a set and the trusted issuers that refer to its keys. No error if there is none.
    ///
    /// # Errors
    /// [`KeyFault::Store`].
    pub async fn delete_set(&self, set: &str) -> Result<(), KeyFault> {
        let deleted = self.store.delete_key_set(set).await;
        self.forget(set);
        Ok(deleted?)
    }

    /// Whether a set has a key of an id, whether or not it can be opened.
    ///
    /// # Errors
    /// [`KeyFault::Store`].
    pub async fn has_key(&self, set: &str, kid: &str) -> Result<bool, KeyFault> {
        Ok(self.store.key(set, kid).await?.is_some())
    }

    pub(crate) async fn add_key(&self, set: &str, key: &Jwk) -> Result<(), KeyFault> {
        let _in_turn = self.writing.lock().await;
        let record = self.sealed(set, key, self.next_moment(set).await?)?;
        let written = self.store.add_key(record).await;
        self.forget(set);
        written.map_err(taken)
    }

    pub(crate) fn sealed(
        &self,
        set: &str,
        key: &Jwk,
        created_at: Timestamp,
    ) -> Result<KeyRecord, KeyFault> {
        seal::close(set, key, created_at, &self.secrets, &*self.entropy)
    }

    /// Generates a key off the I/O threads, one at a time.
    async fn generated(
        &self,
        set: &str,
        algorithm: KeyAlgorithm,
        kid: String,
        key_use: String,
    ) -> Result<Jwk, KeyFault> {
        let _one_at_a_time = self.generating.lock().await;
        self.generate_now(set, algorithm, kid, key_use).await
    }

    /// Now, or just after the newest key of the set if that is not in the past: no two keys of a set
    /// have one time, even if the clock stood still or was put back.
    async fn next_moment(&self, set: &str) -> Result<Timestamp, KeyFault> {
        let now = self.clock.now();
        let newest = self.store.key_set(set).await?;
        let next = newest.first().map(|record| record.created_at.plus(NEXT));
        Ok(next.map_or(now, |next| next.max(now)))
    }
}

fn check_name(name: &str) -> Result<(), KeyFault> {
    if name.chars().count() <= LONGEST_NAME {
        Ok(())
    } else {
        Err(KeyFault::NameTooLong)
    }
}

fn or(text: String, default: impl FnOnce() -> String) -> String {
    if text.is_empty() { default() } else { text }
}

fn taken(error: StoreError) -> KeyFault {
    match error {
        StoreError::Conflict => KeyFault::Taken,
        other => other.into(),
    }
}
