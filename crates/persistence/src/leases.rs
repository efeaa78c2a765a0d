//! [`LeaseStore`].

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use oauth_types::{LeaseStore, StoreResult, Timestamp};

use crate::db::Db;
use crate::dispatch::run;
use crate::schema::leases;
use crate::statement::{Value, fixed, statements};
use crate::text::to_stored;

statements! {
    Acquire = "INSERT INTO hydrus_leases (tenant, name, holder, until) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (tenant, name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
        WHERE hydrus_leases.holder = excluded.holder OR hydrus_leases.until <= $5";
}

#[async_trait]
impl LeaseStore for Db {
    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool> {
        let (tenant, name, holder) = (self.tenant, to_stored(name), to_stored(holder));
        run!(self, |conn| {
            let values = [
                Value::Int(tenant),
                Value::Text(&name),
                Value::Text(&holder),
                Value::Int(until.as_micros()),
                Value::Int(now.as_micros()),
            ];
            Ok(fixed(Acquire, values).execute(conn).await? == 1)
        })
    }

    async fn release_lease(&self, name: &str, holder: &str) -> StoreResult<()> {
        let (tenant, name, holder) = (self.tenant, to_stored(name), to_stored(holder));
        run!(self, |conn| {
            let lease = leases::table
                .find((tenant, &name))
                .filter(leases::holder.eq(&holder));
            diesel::delete(lease).execute(conn).await?;
            Ok(())
        })
    }
}
