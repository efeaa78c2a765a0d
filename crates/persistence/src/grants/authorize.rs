//! A consent verifier buys a grant.

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use oauth_core::{Authorized, NewAuthorization};
use oauth_types::StoreResult;

use super::rows::{AccessRow, CodeRow, GrantRow};
use crate::db::Db;
use crate::dispatch::shortcut;
use crate::schema::{access_tokens, codes, grants};
use crate::statement::{Value, fixed, statements};
use crate::text::to_stored;

macro_rules! take_verifier {
    () => {
        "UPDATE hydrus_flows SET state = $1, revision = revision + 1 \
         WHERE tenant = $2 AND consent_verifier = $3 AND state = $4"
    };
}

statements! {
    TakeVerifier = take_verifier!();
    /// All at once. PostgreSQL only.
    Authorize = concat!("WITH f AS (", take_verifier!(), " RETURNING 1), \
        g AS (INSERT INTO hydrus_grants (tenant, id, client_id, subject, created_at, expires_at, \
            generation, ended) SELECT $2, $5, $6, $7, $8, $9, 0, FALSE FROM f), \
        c AS (INSERT INTO hydrus_codes (tenant, signature, grant_id, client_id, used, \
            pkce_spent, issued_at, expires_at, payload) \
            SELECT $2, $11, $12, $13, $14, $15, $16, $17, $18 FROM f WHERE $10), \
        a AS (INSERT INTO hydrus_access_tokens (tenant, signature, grant_id, generation, \
            client_id, issued_at, expires_at, payload) \
            SELECT $2, $20, $21, $22, $23, $24, $25, $26 FROM f WHERE $19) \
        SELECT count(*) FROM f"), -> (BigInt,);
}

/// Stored numbers of `FlowState`.
const ACCEPTED: i64 = consent_flow::FlowState::ConsentAccepted.code() as i64;
const USED: i64 = consent_flow::FlowState::ConsentUsed.code() as i64;

impl Db {
    pub(super) async fn keep_authorization(
        &self,
        new: NewAuthorization,
    ) -> StoreResult<Authorized> {
        let tenant = self.tenant;
        let verifier = to_stored(new.verifier.as_str());
        let grant = GrantRow::new(tenant, &new.grant);
        let code = new.code.map(|code| CodeRow::new(tenant, code));
        let access = new.access.map(|token| AccessRow::new(tenant, token));
        shortcut!(
            self,
            postgres | conn | {
                let mut values = vec![
                    Value::Int(USED),
                    Value::Int(tenant),
                    Value::Text(&verifier),
                    Value::Int(ACCEPTED),
                ];
                values.extend(grant.params());
                values.extend(CodeRow::params(code.as_ref()));
                values.extend(AccessRow::params_of(access.as_ref()));
                let (rows,): (i64,) = fixed(Authorize, values).get_result(conn).await?;
                Ok(if rows == 1 {
                    Authorized::Done
                } else {
                    Authorized::VerifierUsed
                })
            },
            elsewhere | conn | {
                let values = [
                    Value::Int(USED),
                    Value::Int(tenant),
                    Value::Text(&verifier),
                    Value::Int(ACCEPTED),
                ];
                if fixed(TakeVerifier, values).execute(conn).await? == 0 {
                    return Ok(Authorized::VerifierUsed);
                }
                diesel::insert_into(grants::table)
                    .values(&grant)
                    .execute(conn)
                    .await?;
                if let Some(code) = &code {
                    diesel::insert_into(codes::table)
                        .values(code)
                        .execute(conn)
                        .await?;
                }
                if let Some(access) = &access {
                    diesel::insert_into(access_tokens::table)
                        .values(access)
                        .execute(conn)
                        .await?;
                }
                Ok(Authorized::Done)
            }
        )
    }
}
