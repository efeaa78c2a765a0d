//! Authorization codes: redeemed once.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use oauth_core::{NewTokens, Redeemed};
use oauth_types::{CodeSignature, StoreResult};

use super::rows::{AccessRow, RefreshRow};
use crate::db::Db;
use crate::dispatch::{run, shortcut};
use crate::schema::{access_tokens, codes, refresh_tokens};
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
        AND g.id = hydrus_codes.grant_id AND NOT g.ended)";
    ProlongGrantOfCode = "UPDATE hydrus_grants SET expires_at = $1 WHERE tenant = $2 \
        AND id = (SELECT c.grant_id FROM hydrus_codes c WHERE c.tenant = $2 AND c.signature = $3)";
    /// All at once. PostgreSQL only. The last column tells a used code from an unknown one.
    Redeem = "WITH g AS (SELECT g.id FROM hydrus_grants g WHERE g.tenant = $1 AND g.id = \
            (SELECT c.grant_id FROM hydrus_codes c WHERE c.tenant = $1 AND c.signature = $2) \
            AND NOT g.ended FOR UPDATE), \
        c AS (UPDATE hydrus_codes SET used = TRUE FROM g \
            WHERE hydrus_codes.tenant = $1 AND hydrus_codes.signature = $2 \
            AND hydrus_codes.grant_id = g.id AND NOT hydrus_codes.used \
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
            WHERE k.tenant = $1 AND k.signature = $2)", -> (BigInt, BigInt);
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
                let (won, known): (i64, i64) = fixed(Redeem, values).get_result(conn).await?;
                Ok(outcome(won == 1, known == 1))
            },
            elsewhere | conn | {
                let key = [Value::Int(tenant), Value::Text(&code)];
                fixed(LockGrantOfCode, key).execute(conn).await?;
                if fixed(UseCode, key).execute(conn).await? == 0 {
                    let known: i64 = codes::table
                        .find((tenant, &code))
                        .count()
                        .get_result(conn)
                        .await?;
                    return Ok(outcome(false, known == 1));
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
                Ok(outcome(true, true))
            }
        )
    }
}

fn outcome(won: bool, known: bool) -> Redeemed {
    match (won, known) {
        (true, _) => Redeemed::First,
        (false, true) => Redeemed::Again,
        (false, false) => Redeemed::Unknown,
    }
}
