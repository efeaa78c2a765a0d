//! Look-ups: a token together with its grant and the version of its client, in one statement.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use oauth_core::{AccessRecord, FoundCode, FoundRefresh, Generation};
use oauth_types::{
    AccessSignature, ClientVersion, CodeSignature, Found, RefreshSignature, StoreResult,
};

use super::rotate::repeatable;
use super::rows::{AccessRow, CodeRow, RefreshRow};
use crate::db::Db;
use crate::dispatch::read;
use crate::statement::{Value, fixed, statements};
use crate::text::to_stored;

statements! {
    /// Of a grant that lives in the token's generation, or of none.
    FindAccess = "SELECT t.tenant, t.signature, t.grant_id, t.generation, t.client_id, \
        t.issued_at, t.expires_at, t.payload, c.version FROM hydrus_access_tokens t \
        JOIN hydrus_clients c ON c.tenant = t.tenant AND c.id = t.client_id \
        LEFT JOIN hydrus_grants g ON g.tenant = t.tenant AND g.id = t.grant_id \
        WHERE t.tenant = $1 AND t.signature = $2 \
        AND (t.grant_id IS NULL OR (g.generation = t.generation AND NOT g.ended))",
        -> ((BigInt, Text, Nullable<Text>, BigInt, Text, BigInt, BigInt, Binary), BigInt);
    FindRefresh = "SELECT t.tenant, t.signature, t.grant_id, t.generation, t.client_id, \
        t.issued_at, t.expires_at, t.payload, g.generation, g.ended, g.repeat_of, \
        g.repeat_answer, g.repeat_until, c.version FROM hydrus_refresh_tokens t \
        JOIN hydrus_grants g ON g.tenant = t.tenant AND g.id = t.grant_id \
        JOIN hydrus_clients c ON c.tenant = t.tenant AND c.id = t.client_id \
        WHERE t.tenant = $1 AND t.signature = $2",
        -> ((BigInt, Text, Text, BigInt, Text, BigInt, BigInt, Binary), (BigInt, Bool,
        Nullable<Text>, Nullable<Binary>, Nullable<BigInt>), BigInt);
    FindCode = "SELECT t.tenant, t.signature, t.grant_id, t.client_id, t.used, t.pkce_spent, \
        t.issued_at, t.expires_at, t.payload, g.generation, g.ended, c.version FROM hydrus_codes t \
        JOIN hydrus_grants g ON g.tenant = t.tenant AND g.id = t.grant_id \
        JOIN hydrus_clients c ON c.tenant = t.tenant AND c.id = t.client_id \
        WHERE t.tenant = $1 AND t.signature = $2",
        -> ((BigInt, Text, Text, Text, Bool, Bool, BigInt, BigInt, Binary), (BigInt, Bool),
        BigInt);
}

type GrantState = (i64, bool, Option<String>, Option<Vec<u8>>, Option<i64>);

impl Db {
    pub(super) async fn find_access(
        &self,
        signature: &AccessSignature,
    ) -> StoreResult<Option<Found<AccessRecord>>> {
        let (tenant, signature) = (self.tenant, to_stored(signature.as_str()));
        let found: Option<(AccessRow, i64)> = read!(self, |conn| {
            let values = [Value::Int(tenant), Value::Text(&signature)];
            Ok(fixed(FindAccess, values)
                .get_result(conn)
                .await
                .optional()?)
        })?;
        Ok(found.map(|(row, version)| Found {
            record: row.into_record(),
            client_version: ClientVersion(version),
        }))
    }

    pub(super) async fn find_refresh(
        &self,
        signature: &RefreshSignature,
    ) -> StoreResult<Option<Found<FoundRefresh>>> {
        let (tenant, signature) = (self.tenant, to_stored(signature.as_str()));
        let found: Option<(RefreshRow, GrantState, i64)> = read!(self, |conn| {
            let values = [Value::Int(tenant), Value::Text(&signature)];
            Ok(fixed(FindRefresh, values)
                .get_result(conn)
                .await
                .optional()?)
        })?;
        Ok(
            found.map(|(row, (generation, ended, of, answer, until), version)| {
                let repeat = repeatable(row.signature(), ended, of.as_deref(), answer, until);
                let live = !ended && generation == row.generation();
                Found {
                    record: FoundRefresh {
                        record: row.into_record(),
                        live,
                        repeat,
                    },
                    client_version: ClientVersion(version),
                }
            }),
        )
    }

    pub(super) async fn find_code(
        &self,
        signature: &CodeSignature,
    ) -> StoreResult<Option<Found<FoundCode>>> {
        let (tenant, signature) = (self.tenant, to_stored(signature.as_str()));
        let found: Option<(CodeRow, (i64, bool), i64)> = read!(self, |conn| {
            let values = [Value::Int(tenant), Value::Text(&signature)];
            Ok(fixed(FindCode, values).get_result(conn).await.optional()?)
        })?;
        Ok(found.map(|(row, (generation, ended), version)| Found {
            record: FoundCode {
                record: row.into_record(ended),
                generation: Generation(generation),
            },
            client_version: ClientVersion(version),
        }))
    }
}
