//! Back-channel logout messages that have yet to arrive.

use consent_flow::DeliveryRecord;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use oauth_types::{ClientId, StoreResult, Timestamp};

use crate::db::Db;
use crate::dispatch::{run, transact};
use crate::schema::deliveries;
use crate::statement::{Value, fixed, statements};
use crate::text::{from_stored, to_stored};

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub(super) struct DeliveryRow {
    tenant: i64,
    id: String,
    client_id: String,
    attempts: i64,
    due_at: i64,
    expires_at: i64,
    payload: Vec<u8>,
}

impl DeliveryRow {
    pub(super) fn new(tenant: i64, delivery: DeliveryRecord) -> Self {
        Self {
            tenant,
            id: to_stored(&delivery.id),
            client_id: to_stored(delivery.client_id.as_str()),
            attempts: i64::from(delivery.attempts),
            due_at: delivery.due_at.as_micros(),
            expires_at: delivery.expires_at.as_micros(),
            payload: delivery.payload,
        }
    }

    /// The parameters of [`InsertDelivery`].
    pub(super) fn params(&self) -> [Value<'_>; 7] {
        [
            Value::Int(self.tenant),
            Value::Text(&self.id),
            Value::Text(&self.client_id),
            Value::Int(self.attempts),
            Value::Int(self.due_at),
            Value::Int(self.expires_at),
            Value::Bytes(&self.payload),
        ]
    }

    fn into_record(self) -> DeliveryRecord {
        DeliveryRecord {
            id: from_stored(self.id),
            client_id: ClientId::new(from_stored(self.client_id)),
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            due_at: Timestamp::from_micros(self.due_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            payload: self.payload,
        }
    }
}

statements! {
    /// Nothing is sent to a client that was deleted meanwhile.
    pub(super) InsertDelivery = "INSERT INTO hydrus_deliveries \
        (tenant, id, client_id, attempts, due_at, expires_at, payload) \
        SELECT $1, $2, $3, $4, $5, $6, $7 WHERE EXISTS \
        (SELECT 1 FROM hydrus_clients c WHERE c.tenant = $1 AND c.id = $3)";
    /// Under the condition that nobody else took it.
    Lend = "UPDATE hydrus_deliveries SET due_at = $1, attempts = attempts + 1 \
        WHERE tenant = $2 AND id = $3 AND due_at = $4 AND attempts = $5";
}

impl Db {
    pub(super) async fn lend_deliveries(
        &self,
        now: Timestamp,
        retry_at: Timestamp,
        limit: u32,
    ) -> StoreResult<Vec<DeliveryRecord>> {
        let tenant = self.tenant;
        let (now, retry_at) = (now.as_micros(), retry_at.as_micros());
        let rows: Vec<DeliveryRow> = transact!(self, |conn| {
            // Reading first is right here: each row is taken by a condition on what was read.
            let due: Vec<DeliveryRow> = deliveries::table
                .filter(deliveries::tenant.eq(tenant))
                .filter(deliveries::due_at.le(now))
                .order((deliveries::due_at, deliveries::id))
                .limit(i64::from(limit))
                .select(DeliveryRow::as_select())
                .load(conn)
                .await?;
            let mut taken = Vec::with_capacity(due.len());
            for mut row in due {
                let values = [
                    Value::Int(retry_at),
                    Value::Int(tenant),
                    Value::Text(&row.id),
                    Value::Int(row.due_at),
                    Value::Int(row.attempts),
                ];
                if fixed(Lend, values).execute(conn).await? == 1 {
                    row.due_at = retry_at;
                    row.attempts += 1;
                    taken.push(row);
                }
            }
            Ok(taken)
        })?;
        Ok(rows.into_iter().map(DeliveryRow::into_record).collect())
    }

    pub(super) async fn forget_delivery(&self, id: &str) -> StoreResult<()> {
        let (tenant, id) = (self.tenant, to_stored(id));
        run!(self, |conn| {
            diesel::delete(deliveries::table.find((tenant, &id)))
                .execute(conn)
                .await?;
            Ok(())
        })
    }
}
