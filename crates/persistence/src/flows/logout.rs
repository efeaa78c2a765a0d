//! Logout requests.

use consent_flow::{LogoutRecord, LogoutState, LogoutTaken};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use oauth_types::{
    ClientId, LogoutChallenge, SessionId, StoreResult, Subject, Timestamp, VerifierHash,
};

use crate::db::Db;
use crate::dispatch::{read, run, transact};
use crate::error::DbError;
use crate::schema::logouts;
use crate::statement::{Value, fixed, statements};
use crate::text::{from_stored, to_stored};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = logouts, treat_none_as_default_value = false)]
struct LogoutRow {
    tenant: i64,
    challenge: String,
    verifier: String,
    client_id: Option<String>,
    subject: String,
    session_id: String,
    state: i64,
    used: bool,
    requested_at: i64,
    expires_at: i64,
    payload: Vec<u8>,
}

impl LogoutRow {
    fn new(tenant: i64, logout: LogoutRecord) -> Self {
        Self {
            tenant,
            challenge: to_stored(logout.challenge.as_str()),
            verifier: to_stored(logout.verifier.as_str()),
            client_id: logout.client_id.map(|c| to_stored(c.as_str())),
            subject: to_stored(logout.subject.as_str()),
            session_id: to_stored(logout.session_id.as_str()),
            state: i64::from(logout.state.code()),
            used: logout.used,
            requested_at: logout.requested_at.as_micros(),
            expires_at: logout.expires_at.as_micros(),
            payload: logout.payload,
        }
    }

    fn into_record(self) -> Result<LogoutRecord, DbError> {
        let state = i16::try_from(self.state)
            .ok()
            .and_then(LogoutState::from_code);
        let Some(state) = state else {
            return Err(DbError::Corrupt {
                what: "logout request",
                key: self.challenge,
            });
        };
        Ok(LogoutRecord {
            challenge: LogoutChallenge::new(from_stored(self.challenge)),
            verifier: VerifierHash::new(from_stored(self.verifier)),
            client_id: self.client_id.map(from_stored).map(ClientId::new),
            subject: Subject::new(from_stored(self.subject)),
            session_id: SessionId::new(from_stored(self.session_id)),
            state,
            used: self.used,
            requested_at: Timestamp::from_micros(self.requested_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            payload: self.payload,
        })
    }
}

statements! {
    SetState = "UPDATE hydrus_logouts SET state = $1 WHERE tenant = $2 AND challenge = $3";
    Use = "UPDATE hydrus_logouts SET used = TRUE \
        WHERE tenant = $1 AND verifier = $2 AND state = $3 AND NOT used";
}

impl Db {
    pub(super) async fn insert_logout(&self, logout: LogoutRecord) -> StoreResult<()> {
        let row = LogoutRow::new(self.tenant, logout);
        run!(self, |conn| {
            diesel::insert_into(logouts::table)
                .values(&row)
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    pub(super) async fn find_logout(
        &self,
        challenge: &LogoutChallenge,
    ) -> StoreResult<Option<LogoutRecord>> {
        let (tenant, challenge) = (self.tenant, to_stored(challenge.as_str()));
        let row: Option<LogoutRow> = read!(self, |conn| {
            let query = logouts::table
                .find((tenant, &challenge))
                .select(LogoutRow::as_select());
            Ok(query.first(conn).await.optional()?)
        })?;
        Ok(row.map(LogoutRow::into_record).transpose()?)
    }

    pub(super) async fn set_logout_state(
        &self,
        challenge: &LogoutChallenge,
        state: LogoutState,
    ) -> StoreResult<Option<LogoutRecord>> {
        let (tenant, challenge) = (self.tenant, to_stored(challenge.as_str()));
        let row: Option<LogoutRow> = transact!(self, |conn| {
            let values = [
                Value::Int(i64::from(state.code())),
                Value::Int(tenant),
                Value::Text(&challenge),
            ];
            fixed(SetState, values).execute(conn).await?;
            let query = logouts::table
                .find((tenant, &challenge))
                .select(LogoutRow::as_select());
            Ok(query.first(conn).await.optional()?)
        })?;
        Ok(row.map(LogoutRow::into_record).transpose()?)
    }

    pub(super) async fn use_logout(&self, verifier: &VerifierHash) -> StoreResult<LogoutTaken> {
        let (tenant, verifier) = (self.tenant, to_stored(verifier.as_str()));
        let (won, row): (usize, Option<LogoutRow>) = transact!(self, |conn| {
            let accepted = Value::Int(i64::from(LogoutState::Accepted.code()));
            let values = [Value::Int(tenant), Value::Text(&verifier), accepted];
            let won = fixed(Use, values).execute(conn).await?;
            let query = logouts::table
                .filter(logouts::tenant.eq(tenant))
                .filter(logouts::verifier.eq(&verifier))
                .select(LogoutRow::as_select());
            Ok((won, query.first(conn).await.optional()?))
        })?;
        let Some(record) = row.map(LogoutRow::into_record).transpose()? else {
            return Ok(LogoutTaken::Refused);
        };
        Ok(match record.state {
            LogoutState::Accepted if won == 1 => LogoutTaken::First(record),
            LogoutState::Accepted if record.used => LogoutTaken::Again(record),
            _ => LogoutTaken::Refused,
        })
    }
}
