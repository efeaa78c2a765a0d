//! [`KeyStore`].
//!
//! Writers that decide by looking at a whole set lock its row of `key_sets` first, which is made
//! when a set is first written and stays.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jwk_store::{KeyRecord, KeyStore, SetCreated};
use oauth_types::{StoreError, StoreResult, Timestamp};

use crate::db::Db;
use crate::dispatch::{read, run, transact};
use crate::schema::keys;
use crate::statement::{Value, fixed, statements};
use crate::text::{from_stored, to_stored};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = keys, treat_none_as_default_value = false)]
struct KeyRow {
    tenant: i64,
    set_name: String,
    kid: String,
    created_at: i64,
    sealed: String,
}

impl KeyRow {
    fn new(tenant: i64, key: &KeyRecord) -> Self {
        Self {
            tenant,
            set_name: to_stored(&key.set),
            kid: to_stored(&key.kid),
            created_at: key.created_at.as_micros(),
            sealed: to_stored(&key.sealed),
        }
    }

    fn into_record(self) -> KeyRecord {
        KeyRecord {
            set: from_stored(self.set_name),
            kid: from_stored(self.kid),
            created_at: Timestamp::from_micros(self.created_at),
            sealed: from_stored(self.sealed),
        }
    }

    fn params(&self) -> [Value<'_>; 5] {
        [
            Value::Int(self.tenant),
            Value::Text(&self.set_name),
            Value::Text(&self.kid),
            Value::Int(self.created_at),
            Value::Text(&self.sealed),
        ]
    }
}

statements! {
    /// Makes the row that stands for a set.
    pub(crate) MakeSet = "INSERT INTO hydrus_key_sets (tenant, name) VALUES ($1, $2) \
        ON CONFLICT (tenant, name) DO NOTHING";
    /// Changes nothing, but holds the row until the transaction ends.
    pub(crate) LockSet = "UPDATE hydrus_key_sets SET name = name WHERE tenant = $1 AND name = $2";
    InsertFirst = "INSERT INTO hydrus_keys (tenant, set_name, kid, created_at, sealed) \
        SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS \
        (SELECT 1 FROM hydrus_keys k WHERE k.tenant = $1 AND k.set_name = $2)";
    /// An update in place, so that trusted issuers that refer to the key stay.
    Put = "INSERT INTO hydrus_keys (tenant, set_name, kid, created_at, sealed) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, set_name, kid) \
        DO UPDATE SET created_at = excluded.created_at, sealed = excluded.sealed";
}

#[async_trait]
impl KeyStore for Db {
    async fn key_set(&self, set: &str) -> StoreResult<Vec<KeyRecord>> {
        let (tenant, set) = (self.tenant, to_stored(set));
        let rows: Vec<KeyRow> = read!(self, |conn| {
            let query = keys::table
                .filter(keys::tenant.eq(tenant))
                .filter(keys::set_name.eq(&set))
                .order((keys::created_at.desc(), keys::kid.desc()))
                .select(KeyRow::as_select());
            Ok(query.load(conn).await?)
        })?;
        Ok(rows.into_iter().map(KeyRow::into_record).collect())
    }

    async fn key(&self, set: &str, kid: &str) -> StoreResult<Option<KeyRecord>> {
        let (tenant, set, kid) = (self.tenant, to_stored(set), to_stored(kid));
        let row: Option<KeyRow> = read!(self, |conn| {
            let query = keys::table
                .find((tenant, &set, &kid))
                .select(KeyRow::as_select());
            Ok(query.first(conn).await.optional()?)
        })?;
        Ok(row.map(KeyRow::into_record))
    }

    async fn add_key(&self, key: KeyRecord) -> StoreResult<()> {
        let row = KeyRow::new(self.tenant, &key);
        run!(self, |conn| {
            diesel::insert_into(keys::table)
                .values(&row)
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    async fn create_key_set_if_absent(&self, key: KeyRecord) -> StoreResult<SetCreated> {
        let row = KeyRow::new(self.tenant, &key);
        transact!(self, |conn| {
            let set = [Value::Int(row.tenant), Value::Text(&row.set_name)];
            fixed(MakeSet, set).execute(conn).await?;
            fixed(LockSet, set).execute(conn).await?;
            let written = fixed(InsertFirst, row.params()).execute(conn).await?;
            Ok(if written == 1 {
                SetCreated::Done
            } else {
                SetCreated::Exists
            })
        })
    }

    async fn put_key(&self, key: KeyRecord) -> StoreResult<()> {
        let row = KeyRow::new(self.tenant, &key);
        run!(self, |conn| {
            fixed(Put, row.params()).execute(conn).await?;
            Ok(())
        })
    }

    async fn put_key_set(&self, set: &str, keys: Vec<KeyRecord>) -> StoreResult<()> {
        let (tenant, set) = (self.tenant, to_stored(set));
        let mut rows: Vec<KeyRow> = keys.iter().map(|key| KeyRow::new(tenant, key)).collect();
        rows.sort_by(|a, b| a.kid.cmp(&b.kid));
        if rows.windows(2).any(|pair| pair[0].kid == pair[1].kid) {
            return Err(StoreError::Conflict);
        }
        for row in &mut rows {
            row.set_name.clone_from(&set);
        }
        transact!(self, |conn| {
            let name = [Value::Int(tenant), Value::Text(&set)];
            fixed(MakeSet, name).execute(conn).await?;
            fixed(LockSet, name).execute(conn).await?;
            let present: Vec<String> = keys::table
                .filter(keys::tenant.eq(tenant))
                .filter(keys::set_name.eq(&set))
                .select(keys::kid)
                .load(conn)
                .await?;
            for kid in present {
                if !rows.iter().any(|row| row.kid == kid) {
                    let gone = keys::table.find((tenant, &set, &kid));
                    diesel::delete(gone).execute(conn).await?;
                }
            }
            for row in &rows {
                fixed(Put, row.params()).execute(conn).await?;
            }
            Ok(())
        })
    }

    async fn delete_key(&self, set: &str, kid: &str) -> StoreResult<()> {
        let (tenant, set, kid) = (self.tenant, to_stored(set), to_stored(kid));
        run!(self, |conn| {
            diesel::delete(keys::table.find((tenant, &set, &kid)))
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    async fn delete_key_set(&self, set: &str) -> StoreResult<()> {
        let (tenant, set) = (self.tenant, to_stored(set));
        run!(self, |conn| {
            let all = keys::table
                .filter(keys::tenant.eq(tenant))
                .filter(keys::set_name.eq(&set));
            diesel::delete(all).execute(conn).await?;
            Ok(())
        })
    }
}
