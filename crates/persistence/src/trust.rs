//! [`TrustStore`].

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use oauth_core::{Claimed, IssuerRecord, TrustStore};
use oauth_types::{Page, Paged, StoreResult, Subject, Timestamp};

use crate::db::Db;
use crate::dispatch::{read, run, transact};
use crate::error::DbError;
use crate::keys::{LockSet, MakeSet};
use crate::schema::trusted_issuers;
use crate::statement::{Value, fixed, statements};
use crate::text::{from_stored, to_stored};

/// The most records that [`TrustStore::issuers_for`] gives.
const MOST: i64 = 100;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = trusted_issuers, treat_none_as_default_value = false)]
struct IssuerRow {
    tenant: i64,
    id: String,
    issuer: String,
    /// Two columns in the place of a nullable one, since a unique key does not see `NULL`.
    any_subject: bool,
    subject: String,
    /// A JSON array of texts.
    scope: String,
    kid: String,
    created_at: i64,
    expires_at: i64,
}

impl IssuerRow {
    fn new(tenant: i64, record: &IssuerRecord) -> Result<Self, DbError> {
        let key = || DbError::Corrupt {
            what: "issuer",
            key: record.id.clone(),
        };
        Ok(Self {
            tenant,
            id: to_stored(&record.id),
            issuer: to_stored(&record.issuer),
            any_subject: record.subject.is_none(),
            subject: record
                .subject
                .as_ref()
                .map(|s| to_stored(s.as_str()))
                .unwrap_or_default(),
            scope: serde_json::to_string(&record.scope).map_err(|_| key())?,
            kid: to_stored(&record.kid),
            created_at: record.created_at.as_micros(),
            expires_at: record.expires_at.as_micros(),
        })
    }

    fn into_record(self) -> Result<IssuerRecord, DbError> {
        let scope = serde_json::from_str(&self.scope).map_err(|_| DbError::Corrupt {
            what: "issuer",
            key: self.id.clone(),
        })?;
        Ok(IssuerRecord {
            id: from_stored(self.id),
            issuer: from_stored(self.issuer),
            subject: (!self.any_subject).then(|| Subject::new(from_stored(self.subject))),
            scope,
            kid: from_stored(self.kid),
            created_at: Timestamp::from_micros(self.created_at),
            expires_at: Timestamp::from_micros(self.expires_at),
        })
    }
}

fn records(rows: Vec<IssuerRow>) -> StoreResult<Vec<IssuerRecord>> {
    Ok(rows
        .into_iter()
        .map(IssuerRow::into_record)
        .collect::<Result<_, _>>()?)
}

statements! {
    RemoveUnusedKey = "DELETE FROM hydrus_keys WHERE tenant = $1 AND set_name = $2 AND kid = $3 \
        AND NOT EXISTS (SELECT 1 FROM hydrus_trusted_issuers i \
        WHERE i.tenant = $1 AND i.issuer = $2 AND i.kid = $3)";
    Claim = "INSERT INTO hydrus_used_jtis (tenant, namespace, hash, expires_at) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, namespace, hash) \
        DO UPDATE SET expires_at = excluded.expires_at WHERE hydrus_used_jtis.expires_at <= $5";
    ExpiredIssuers = "DELETE FROM hydrus_trusted_issuers WHERE tenant = $1 AND id IN (SELECT id \
        FROM hydrus_trusted_issuers WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
    ExpiredJtis = "DELETE FROM hydrus_used_jtis WHERE tenant = $1 AND (namespace, hash) IN \
        (SELECT namespace, hash FROM hydrus_used_jtis WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
}

#[async_trait]
impl TrustStore for Db {
    async fn create_issuer(&self, issuer: IssuerRecord) -> StoreResult<()> {
        let row = IssuerRow::new(self.tenant, &issuer)?;
        transact!(self, |conn| {
            // Whoever withdraws the last other record of the key just now takes the key along.
            let set = [Value::Int(row.tenant), Value::Text(&row.issuer)];
            fixed(MakeSet, set).execute(conn).await?;
            fixed(LockSet, set).execute(conn).await?;
            diesel::insert_into(trusted_issuers::table)
                .values(&row)
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    async fn issuer(&self, id: &str) -> StoreResult<Option<IssuerRecord>> {
        let (tenant, id) = (self.tenant, to_stored(id));
        let row: Option<IssuerRow> = read!(self, |conn| {
            let query = trusted_issuers::table
                .find((tenant, &id))
                .select(IssuerRow::as_select());
            Ok(query.first(conn).await.optional()?)
        })?;
        Ok(row.map(IssuerRow::into_record).transpose()?)
    }

    async fn issuers(&self, issuer: Option<&str>, page: Page) -> StoreResult<Paged<IssuerRecord>> {
        let (tenant, issuer) = (self.tenant, issuer.map(to_stored));
        let (rows, total): (Vec<IssuerRow>, i64) = read!(self, |conn| {
            let mut query = trusted_issuers::table
                .filter(trusted_issuers::tenant.eq(tenant))
                .order(trusted_issuers::id)
                .offset(i64::try_from(page.offset).unwrap_or(i64::MAX))
                .limit(i64::from(page.size))
                .select(IssuerRow::as_select())
                .into_boxed();
            if let Some(issuer) = &issuer {
                query = query.filter(trusted_issuers::issuer.eq(issuer));
            }
            let rows = query.load(conn).await?;
            let all = trusted_issuers::table
                .filter(trusted_issuers::tenant.eq(tenant))
                .count();
            let total = all.get_result(conn).await?;
            Ok((rows, total))
        })?;
        Ok(Paged {
            items: records(rows)?,
            total: u64::try_from(total).unwrap_or_default(),
        })
    }

    async fn issuers_for(
        &self,
        issuer: &str,
        subject: &Subject,
        now: Timestamp,
    ) -> StoreResult<Vec<IssuerRecord>> {
        let (tenant, now) = (self.tenant, now.as_micros());
        let (issuer, subject) = (to_stored(issuer), to_stored(subject.as_str()));
        let rows: Vec<IssuerRow> = read!(self, |conn| {
            let query = trusted_issuers::table
                .filter(trusted_issuers::tenant.eq(tenant))
                .filter(trusted_issuers::issuer.eq(&issuer))
                .filter(trusted_issuers::expires_at.gt(now))
                .filter(
                    trusted_issuers::any_subject
                        .eq(true)
                        .or(trusted_issuers::subject.eq(&subject)),
                )
                .order((trusted_issuers::any_subject, trusted_issuers::id))
                .limit(MOST)
                .select(IssuerRow::as_select());
            Ok(query.load(conn).await?)
        })?;
        records(rows)
    }

    async fn delete_issuer(&self, id: &str) -> StoreResult<bool> {
        let (tenant, id) = (self.tenant, to_stored(id));
        transact!(self, |conn| {
            let row: Option<(String, String)> = trusted_issuers::table
                .find((tenant, &id))
                .select((trusted_issuers::issuer, trusted_issuers::kid))
                .first(conn)
                .await
                .optional()?;
            let Some((issuer, kid)) = row else {
                return Ok(false);
            };
            // Of two that withdraw the last records of a key, the second has to see the first.
            let set = [Value::Int(tenant), Value::Text(&issuer)];
            fixed(MakeSet, set).execute(conn).await?;
            fixed(LockSet, set).execute(conn).await?;
            let gone = diesel::delete(trusted_issuers::table.find((tenant, &id)));
            if gone.execute(conn).await? == 0 {
                return Ok(false);
            }
            let key = [Value::Int(tenant), Value::Text(&issuer), Value::Text(&kid)];
            fixed(RemoveUnusedKey, key).execute(conn).await?;
            Ok(true)
        })
    }

    async fn claim_jti(
        &self,
        namespace: &str,
        hash: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> StoreResult<Claimed> {
        let (tenant, namespace, hash) = (self.tenant, to_stored(namespace), to_stored(hash));
        run!(self, |conn| {
            let values = [
                Value::Int(tenant),
                Value::Text(&namespace),
                Value::Text(&hash),
                Value::Int(expires_at.as_micros()),
                Value::Int(now.as_micros()),
            ];
            let written = fixed(Claim, values).execute(conn).await?;
            Ok(if written == 1 {
                Claimed::First
            } else {
                Claimed::Known
            })
        })
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64> {
        let values = [
            Value::Int(self.tenant),
            Value::Int(before.as_micros()),
            Value::Int(i64::from(limit)),
        ];
        transact!(self, |conn| {
            let issuers = fixed(ExpiredIssuers, values).execute(conn).await?;
            let jtis = fixed(ExpiredJtis, values).execute(conn).await?;
            Ok((issuers + jtis) as u64)
        })
    }
}
