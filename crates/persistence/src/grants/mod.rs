//! [`GrantStore`]: the trait, handed on to one file per subject.

mod authorize;
mod code;
mod lookup;
mod rotate;
mod rows;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use oauth_core::{
    AccessRecord, Authorized, FoundCode, FoundRefresh, GrantStore, NewAuthorization, NewTokens,
    Redeemed, Rotated, Rotation,
};
use oauth_types::{
    AccessSignature, ClientGuard, ClientId, CodeSignature, Found, GrantId, Guarded,
    RefreshSignature, StoreResult, Timestamp,
};

use crate::db::Db;
use crate::dispatch::{run, transact};
use crate::schema::{access_tokens, refresh_tokens};
use crate::statement::{Value, fixed, statements};
use crate::text::to_stored;
use rows::AccessRow;

statements! {
    /// The client is confirmed by the statement that acts for it, so that a cached one will do.
    PutAccess = "INSERT INTO hydrus_access_tokens \
        (tenant, signature, grant_id, generation, client_id, issued_at, expires_at, payload) \
        SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE EXISTS (SELECT 1 FROM hydrus_clients c \
        WHERE c.tenant = $1 AND c.id = $9 AND c.version = $10)";
    EndTokens = "UPDATE hydrus_grants SET generation = generation + 1, repeat_of = NULL, \
        repeat_answer = NULL, repeat_until = NULL WHERE tenant = $1 AND id = $2 AND NOT ended";
    End = "UPDATE hydrus_grants SET ended = TRUE, repeat_of = NULL, repeat_answer = NULL, \
        repeat_until = NULL WHERE tenant = $1 AND id = $2 AND NOT ended";
    ExpiredCodes = "DELETE FROM hydrus_codes WHERE tenant = $1 AND signature IN \
        (SELECT signature FROM hydrus_codes WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
    ExpiredAccess = "DELETE FROM hydrus_access_tokens WHERE tenant = $1 AND signature IN \
        (SELECT signature FROM hydrus_access_tokens WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
    ExpiredRefresh = "DELETE FROM hydrus_refresh_tokens WHERE tenant = $1 AND signature IN \
        (SELECT signature FROM hydrus_refresh_tokens WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
    ExpiredGrants = "DELETE FROM hydrus_grants WHERE tenant = $1 AND id IN \
        (SELECT id FROM hydrus_grants WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
}

#[async_trait]
impl GrantStore for Db {
    async fn authorize(&self, new: NewAuthorization) -> StoreResult<Authorized> {
        self.keep_authorization(new).await
    }

    async fn put_access(&self, token: AccessRecord, client: ClientGuard) -> StoreResult<Guarded> {
        let row = AccessRow::new(self.tenant, token);
        let id = to_stored(client.id.as_str());
        run!(self, |conn| {
            let mut values = row.params().to_vec();
            values.extend([Value::Text(&id), Value::Int(client.version.0)]);
            let written = fixed(PutAccess, values).execute(conn).await?;
            Ok(if written == 1 {
                Guarded::Done
            } else {
                Guarded::ClientChanged
            })
        })
    }

    async fn code(&self, signature: &CodeSignature) -> StoreResult<Option<Found<FoundCode>>> {
        self.find_code(signature).await
    }

    async fn spend_pkce(&self, signature: &CodeSignature) -> StoreResult<()> {
        self.mark_pkce_spent(signature).await
    }

    async fn redeem_code(&self, code: &CodeSignature, bought: NewTokens) -> StoreResult<Redeemed> {
        self.use_code(code, bought).await
    }

    async fn refresh(
        &self,
        signature: &RefreshSignature,
    ) -> StoreResult<Option<Found<FoundRefresh>>> {
        self.find_refresh(signature).await
    }

    async fn rotate_refresh(&self, rotation: Rotation) -> StoreResult<Rotated> {
        self.rotate(rotation).await
    }

    async fn end_tokens(&self, grant: &GrantId) -> StoreResult<()> {
        let (tenant, grant) = (self.tenant, to_stored(grant.as_str()));
        run!(self, |conn| {
            fixed(EndTokens, [Value::Int(tenant), Value::Text(&grant)])
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    async fn end_grant(&self, grant: &GrantId) -> StoreResult<()> {
        let (tenant, grant) = (self.tenant, to_stored(grant.as_str()));
        run!(self, |conn| {
            fixed(End, [Value::Int(tenant), Value::Text(&grant)])
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    async fn end_grant_by_replay(
        &self,
        grant: &GrantId,
        presented: &RefreshSignature,
    ) -> StoreResult<()> {
        let (tenant, grant) = (self.tenant, to_stored(grant.as_str()));
        let presented = to_stored(presented.as_str());
        transact!(self, |conn| {
            fixed(End, [Value::Int(tenant), Value::Text(&grant)])
                .execute(conn)
                .await?;
            let token = refresh_tokens::table.find((tenant, &presented));
            diesel::delete(token).execute(conn).await?;
            Ok(())
        })
    }

    async fn access(
        &self,
        signature: &AccessSignature,
    ) -> StoreResult<Option<Found<AccessRecord>>> {
        self.find_access(signature).await
    }

    async fn remove_access(&self, signature: &AccessSignature) -> StoreResult<()> {
        let (tenant, signature) = (self.tenant, to_stored(signature.as_str()));
        run!(self, |conn| {
            let token = access_tokens::table.find((tenant, &signature));
            diesel::delete(token).execute(conn).await?;
            Ok(())
        })
    }

    async fn remove_access_of(&self, client: &ClientId) -> StoreResult<()> {
        let (tenant, client) = (self.tenant, to_stored(client.as_str()));
        run!(self, |conn| {
            let tokens = access_tokens::table
                .filter(access_tokens::tenant.eq(tenant))
                .filter(access_tokens::client_id.eq(&client));
            diesel::delete(tokens).execute(conn).await?;
            Ok(())
        })
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64> {
        let values = [
            Value::Int(self.tenant),
            Value::Int(before.as_micros()),
            Value::Int(i64::from(limit)),
        ];
        transact!(self, |conn| {
            // Grants last: they take along what still hangs on them, uncounted.
            let mut removed = fixed(ExpiredCodes, values).execute(conn).await?;
            removed += fixed(ExpiredAccess, values).execute(conn).await?;
            removed += fixed(ExpiredRefresh, values).execute(conn).await?;
            removed += fixed(ExpiredGrants, values).execute(conn).await?;
            Ok(removed as u64)
        })
    }
}
