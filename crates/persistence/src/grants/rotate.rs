//! Refresh tokens: rotated once per generation of their grant.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use oauth_core::{RepeatableAnswer, Rotated, Rotation};
use oauth_types::{StoreResult, Timestamp};

use super::rows::{AccessRow, RefreshRow};
use crate::db::Db;
use crate::dispatch::{read, shortcut};
use crate::schema::{access_tokens, refresh_tokens};
use crate::statement::{Value, fixed, statements};
use crate::text::to_stored;

/// Moves the grant on, if it lives in the generation of the token and the token is there. Whoever
/// changes this one row has won.
macro_rules! next_generation {
    () => {
        "UPDATE hydrus_grants SET generation = generation + 1, expires_at = $1, repeat_of = $2, \
         repeat_answer = $3, repeat_until = $4 \
         WHERE tenant = $5 AND id = $6 AND generation = $7 AND NOT ended \
         AND EXISTS (SELECT 1 FROM hydrus_refresh_tokens r WHERE r.tenant = $5 \
         AND r.signature = $8 AND r.grant_id = $6 AND r.generation = $7)"
    };
}

statements! {
    NextGeneration = next_generation!();
    /// All at once. PostgreSQL only.
    Rotate = concat!("WITH g AS (", next_generation!(), " RETURNING 1), \
        a AS (INSERT INTO hydrus_access_tokens (tenant, signature, grant_id, generation, \
            client_id, issued_at, expires_at, payload) \
            SELECT $5, $10, $11, $12, $13, $14, $15, $16 FROM g WHERE $9), \
        r AS (INSERT INTO hydrus_refresh_tokens (tenant, signature, grant_id, generation, \
            client_id, issued_at, expires_at, payload) \
            SELECT $5, $18, $19, $20, $21, $22, $23, $24 FROM g WHERE $17) \
        SELECT count(*) FROM g"), -> (BigInt,);
    /// What became of a token that could not be rotated.
    WhyLost = "SELECT g.ended, g.repeat_of, g.repeat_answer, g.repeat_until \
        FROM hydrus_refresh_tokens r JOIN hydrus_grants g \
        ON g.tenant = r.tenant AND g.id = r.grant_id WHERE r.tenant = $1 AND r.signature = $2",
        -> (Bool, Nullable<Text>, Nullable<Binary>, Nullable<BigInt>);
}

impl Db {
    pub(super) async fn rotate(&self, rotation: Rotation) -> StoreResult<Rotated> {
        let tenant = self.tenant;
        let old = to_stored(rotation.old.as_str());
        let grant = to_stored(rotation.grant_id.as_str());
        let generation = rotation.generation.0;
        let access = AccessRow::new(tenant, rotation.new.access);
        let refresh = rotation
            .new
            .refresh
            .map(|token| RefreshRow::new(tenant, token));
        let grant_expires_at = rotation.new.grant_expires_at.as_micros();
        let repeat = rotation.repeat;
        let presented = old.clone();
        macro_rules! conditions {
            () => {
                [
                    Value::Int(grant_expires_at),
                    Value::MaybeText(repeat.is_some().then_some(old.as_str())),
                    Value::MaybeBytes(repeat.as_ref().map(|r| r.sealed.as_slice())),
                    Value::MaybeInt(repeat.as_ref().map(|r| r.until.as_micros())),
                    Value::Int(tenant),
                    Value::Text(&grant),
                    Value::Int(generation),
                    Value::Text(&old),
                ]
            };
        }
        let won: bool = shortcut!(
            self,
            postgres | conn | {
                let mut values = conditions!().to_vec();
                values.extend(AccessRow::params_of(Some(&access)));
                values.extend(RefreshRow::params_of(refresh.as_ref()));
                let (rows,): (i64,) = fixed(Rotate, values).get_result(conn).await?;
                Ok(rows == 1)
            },
            elsewhere | conn | {
                if fixed(NextGeneration, conditions!()).execute(conn).await? == 0 {
                    return Ok(false);
                }
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
                Ok(true)
            }
        )?;
        if won {
            Ok(Rotated::Done)
        } else {
            self.why_lost(presented).await
        }
    }

    async fn why_lost(&self, presented: String) -> StoreResult<Rotated> {
        type Row = (bool, Option<String>, Option<Vec<u8>>, Option<i64>);
        let (tenant, token) = (self.tenant, presented.clone());
        let row: Option<Row> = read!(self, |conn| {
            let values = [Value::Int(tenant), Value::Text(&token)];
            Ok(fixed(WhyLost, values).get_result(conn).await.optional()?)
        })?;
        Ok(match row {
            None => Rotated::Unknown,
            Some((ended, of, answer, until)) => {
                match repeatable(&presented, ended, of.as_deref(), answer, until) {
                    Some(answer) => Rotated::Repeated(answer),
                    None => Rotated::Lost,
                }
            }
        })
    }
}

/// The answer to repeat, if the grant keeps one for this very token.
pub(super) fn repeatable(
    token: &str,
    ended: bool,
    repeat_of: Option<&str>,
    answer: Option<Vec<u8>>,
    until: Option<i64>,
) -> Option<RepeatableAnswer> {
    match (answer, until) {
        (Some(sealed), Some(until)) if !ended && repeat_of == Some(token) => {
            Some(RepeatableAnswer {
                sealed,
                until: Timestamp::from_micros(until),
            })
        }
        _ => None,
    }
}
