//! Authorization codes: redeemed once.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;
use oauth_core::{NewTokens, Redeemed};
use oauth_types::{CodeSignature, StoreResult};

use super::rows::{AccessRow, RefreshRow};
use crate::db::Db;
use crate::dispatch::{run, shortcut};
use crate::schema::{access_tokens, refresh_tokens};
use crate::statement::{Value, fixed, statements};
use crate::text::to_stored;

statements! {
    SpendPkce = "UPDATE hydrus_codes SET pkce_spent = TRUE WHERE tenant = $1 AND signature = $2";
    /// Changes nothing, but holds the grant's row until the transaction ends: every writer of a
    /// grant takes it first.
    LockGrantOfCode = "UPDATE hydrus_grants SET generation = generation WHERE tenant = $1 \
        AND id = (SELECT c.grant_id FROM hydrus_codes c WHERE c.tenant = $1 AND c.signature = $2)";
    UseCode = "UPDATE hydrus_codes SET used = TRUE \
        WHERE tenant = $1 AND signature = $2 AND NOT used AND NOT pkce_spent \
        AND EXISTS (SELECT 1 FROM hydrus_grants g WHERE g.tenant = $1 \
        AND g.id = hydrus_codes.grant_id AND NOT g.ended AND g.generation = $3)";
    /// Whether a code that could not be used is spent; else its grant is in another generation.
    WhyUnused = "SELECT k.used OR k.pkce_spent OR g.ended FROM hydrus_codes k \
        JOIN hydrus_grants g ON g.tenant = k.tenant AND g.id = k.grant_id \
        WHERE k.tenant = $1 AND k.signature = $2", -> (Bool,);
    ProlongGrantOfCode = "UPDATE hydrus_grants SET expires_at = $1 WHERE tenant = $2 \
        AND id = (SELECT c.grant_id FROM hydrus_codes c WHERE c.tenant = $2 AND c.signature = $3)";
    /// All at once. PostgreSQL only. The last columns tell why nothing was done: whether there is
    /// such a code, and whether it is good but its grant in another generation. The grant is seen as
    /// it is once it is locked, the code perhaps as it was before; then the caller looks once more.
    Redeem = "WITH g AS (SELECT g.id, g.generation FROM hydrus_grants g WHERE g.tenant = $1 \
            AND g.id = \
            (SELECT c.grant_id FROM hydrus_codes c WHERE c.tenant = $1 AND c.signature = $2) \
            AND NOT g.ended FOR UPDATE), \
        c AS (UPDATE hydrus_codes SET used = TRUE FROM g \
            WHERE hydrus_codes.tenant = $1 AND hydrus_codes.signature = $2 \
            AND hydrus_codes.grant_id = g.id AND g.generation = $7 AND NOT hydrus_codes.used \
            AND NOT hydrus_codes.pkce_spent RETURNING g.id), \
        p AS (UPDATE hydrus_grants SET expires_at = $3 FROM c \
            WHERE hydrus_grants.tenant = $1 AND hydrus_grants.id = c.id), \
        a AS (INSERT INTO hydrus_access_tokens (tenant, signature, grant_id, generation, \
            client_id, issued_at, expires_at, payload) \
            SELECT $1, $5, $6, $7, $8, $9, $10, $11 FROM c WHERE $4), \
        r AS (INSERT INTO hydrus_refresh_tokens (tenant, signature, grant_id, generation, \
            client_id, issued_at, expires_at, payload) \
            SELECT $1, $13, $14, $15, $16, $17, $18, $19 FROM c WHERE $12) \
        SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM hydrus_codes k \
            WHERE k.tenant = $1 AND k.signature = $2), \
            (SELECT count(*) FROM hydrus_codes k JOIN g ON g.id = k.grant_id \
            WHERE k.tenant = $1 AND k.signature = $2 AND g.generation <> $7 \
            AND NOT k.used AND NOT k.pkce_spent)", -> (BigInt, BigInt, BigInt);
}

impl Db {
    pub(super) async fn mark_pkce_spent(&self, signature: &CodeSignature) -> StoreResult<()> {
        let (tenant, signature) = (self.tenant, to_stored(signature.as_str()));
        run!(self, |conn| {
            fixed(SpendPkce, [Value::Int(tenant), Value::Text(&signature)])
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    pub(super) async fn use_code(
        &self,
        code: &CodeSignature,
        bought: NewTokens,
    ) -> StoreResult<Redeemed> {
        let (tenant, code) = (self.tenant, to_stored(code.as_str()));
        let generation = bought.access.generation.0;
        let access = AccessRow::new(tenant, bought.access);
        let refresh = bought.refresh.map(|token| RefreshRow::new(tenant, token));
        let grant_expires_at = bought.grant_expires_at.as_micros();
        shortcut!(
            self,
            postgres | conn | {
                let mut values = vec![
                    Value::Int(tenant),
                    Value::Text(&code),
                    Value::Int(grant_expires_at),
                ];
                values.extend(AccessRow::params_of(Some(&access)));
                values.extend(RefreshRow::params_of(refresh.as_ref()));
                let counts: (i64, i64, i64) = fixed(Redeem, values).get_result(conn).await?;
                Ok(match counts {
                    (1, ..) => Redeemed::First,
                    (_, 0, _) => Redeemed::Unknown,
                    (.., 0) => Redeemed::Again,
                    _ => Redeemed::Changed,
                })
            },
            elsewhere | conn | {
                let key = [Value::Int(tenant), Value::Text(&code)];
                fixed(LockGrantOfCode, key).execute(conn).await?;
                let [of, signature] = key;
                let guarded = [of, signature, Value::Int(generation)];
                if fixed(UseCode, guarded).execute(conn).await? == 0 {
                    let spent: Option<(bool,)> =
                        fixed(WhyUnused, key).get_result(conn).await.optional()?;
                    return Ok(match spent {
                        None => Redeemed::Unknown,
                        Some((true,)) => Redeemed::Again,
                        Some((false,)) => Redeemed::Changed,
                    });
                }
                let values = [
                    Value::Int(grant_expires_at),
                    Value::Int(tenant),
                    Value::Text(&code),
                ];
                fixed(ProlongGrantOfCode, values).execute(conn).await?;
                diesel::insert_into(access_tokens::table)
                    .values(&access)
                    .execute(conn)
                    .await?;
                if let Some(refresh) = &refresh {
                    diesel::insert_into(refresh_tokens::table)
                        .values(refresh)
                        .execute(conn)
                        .await?;
                }
                Ok(Redeemed::First)
            }
        )
    }
}
