//! [`ClientStore`].

use async_trait::async_trait;
use client_registry::{ClientFilter, ClientRecord, ClientReplaced, ClientStore};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use oauth_types::{ClientId, ClientVersion, Page, Paged, SecretHash, StoreResult, Timestamp};

use crate::db::Db;
use crate::dispatch::{read, run, transact};
use crate::schema::clients;
use crate::statement::{Value, fixed, statements};
use crate::text::{from_stored, to_stored};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = clients, treat_none_as_default_value = false)]
struct ClientRow {
    tenant: i64,
    id: String,
    row_id: String,
    version: i64,
    name: String,
    owner: String,
    secret: String,
    registration_signature: String,
    created_at: i64,
    updated_at: i64,
    payload: Vec<u8>,
}

impl ClientRow {
    fn new(tenant: i64, client: ClientRecord) -> Self {
        Self {
            tenant,
            id: to_stored(client.id.as_str()),
            row_id: to_stored(&client.row_id),
            version: client.version.0,
            name: to_stored(&client.name),
            owner: to_stored(&client.owner),
            secret: to_stored(client.secret.as_str()),
            registration_signature: to_stored(&client.registration_signature),
            created_at: client.created_at.as_micros(),
            updated_at: client.updated_at.as_micros(),
            payload: client.payload,
        }
    }

    fn into_record(self) -> ClientRecord {
        ClientRecord {
            id: ClientId::new(from_stored(self.id)),
            row_id: from_stored(self.row_id),
            version: ClientVersion(self.version),
            name: from_stored(self.name),
            owner: from_stored(self.owner),
            secret: SecretHash::new(from_stored(self.secret)),
            registration_signature: from_stored(self.registration_signature),
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
            payload: self.payload,
        }
    }
}

statements! {
    Replace = "UPDATE hydrus_clients SET version = $1, name = $2, owner = $3, secret = $4, \
        registration_signature = $5, updated_at = $6, payload = $7 \
        WHERE tenant = $8 AND id = $9 AND version = $10";
}

#[async_trait]
impl ClientStore for Db {
    async fn client(&self, id: &ClientId) -> StoreResult<Option<ClientRecord>> {
        let (tenant, id) = (self.tenant, to_stored(id.as_str()));
        let row: Option<ClientRow> = read!(self, |conn| {
            let query = clients::table
                .find((tenant, &id))
                .select(ClientRow::as_select());
            Ok(query.first(conn).await.optional()?)
        })?;
        Ok(row.map(ClientRow::into_record))
    }

    async fn create(&self, client: ClientRecord) -> StoreResult<()> {
        let row = ClientRow::new(self.tenant, client);
        run!(self, |conn| {
            diesel::insert_into(clients::table)
                .values(&row)
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    async fn replace(
        &self,
        client: ClientRecord,
        expected: ClientVersion,
    ) -> StoreResult<ClientReplaced> {
        let row = ClientRow::new(self.tenant, client);
        transact!(self, |conn| {
            let values = [
                Value::Int(row.version),
                Value::Text(&row.name),
                Value::Text(&row.owner),
                Value::Text(&row.secret),
                Value::Text(&row.registration_signature),
                Value::Int(row.updated_at),
                Value::Bytes(&row.payload),
                Value::Int(row.tenant),
                Value::Text(&row.id),
                Value::Int(expected.0),
            ];
            if fixed(Replace, values).execute(conn).await? == 1 {
                return Ok(ClientReplaced::Done);
            }
            let id: Option<String> = clients::table
                .find((row.tenant, &row.id))
                .select(clients::id)
                .first(conn)
                .await
                .optional()?;
            Ok(if id.is_some() {
                ClientReplaced::Changed
            } else {
                ClientReplaced::Unknown
            })
        })
    }

    async fn delete(&self, id: &ClientId) -> StoreResult<bool> {
        // Everything that belongs to it goes by its foreign keys.
        let (tenant, id) = (self.tenant, to_stored(id.as_str()));
        run!(self, |conn| {
            Ok(diesel::delete(clients::table.find((tenant, &id)))
                .execute(conn)
                .await?
                == 1)
        })
    }

    async fn list(&self, filter: &ClientFilter, page: Page) -> StoreResult<Paged<ClientRecord>> {
        let tenant = self.tenant;
        let name = filter.name.as_deref().map(to_stored);
        let owner = filter.owner.as_deref().map(to_stored);
        let (rows, total): (Vec<ClientRow>, i64) = read!(self, |conn| {
            let mut query = clients::table
                .filter(clients::tenant.eq(tenant))
                .order(clients::row_id)
                .offset(i64::try_from(page.offset).unwrap_or(i64::MAX))
                .limit(i64::from(page.size))
                .select(ClientRow::as_select())
                .into_boxed();
            if let Some(name) = &name {
                query = query.filter(clients::name.eq(name));
            }
            if let Some(owner) = &owner {
                query = query.filter(clients::owner.eq(owner));
            }
            let rows = query.load(conn).await?;
            let total = clients::table
                .filter(clients::tenant.eq(tenant))
                .count()
                .get_result(conn)
                .await?;
            Ok((rows, total))
        })?;
        Ok(Paged {
            items: rows.into_iter().map(ClientRow::into_record).collect(),
            total: u64::try_from(total).unwrap_or_default(),
        })
    }
}
