//! Flows: kept, found, replaced under the condition of their revision.

use consent_flow::{FlowKey, FlowRecord, FlowState, FlowWritten, Revision, SessionChange};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use oauth_types::{
    ClientId, ClientVersion, ConsentChallenge, Found, LoginChallenge, SessionId, StoreResult,
    Subject, Timestamp, VerifierHash,
};

use super::session::{
    EmptyConsents, EmptyFlows, EndSession, ForceIdentifier, JoinSession, PutSession, SessionRow,
};
use crate::db::Db;
use crate::dispatch::{on_postgres, read, run, shortcut, transact};
use crate::error::DbError;
use crate::schema::{clients, flows};
use crate::statement::{Value, fixed, statements};
use crate::text::{from_stored, to_stored};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = flows, treat_none_as_default_value = false)]
pub(super) struct FlowRow {
    pub(super) tenant: i64,
    pub(super) login_challenge: String,
    login_verifier: String,
    pub(super) consent_challenge: Option<String>,
    consent_verifier: Option<String>,
    state: i64,
    revision: i64,
    client_id: String,
    subject: Option<String>,
    pub(super) session_id: Option<String>,
    requested_at: i64,
    expires_at: i64,
    payload: Vec<u8>,
}

impl FlowRow {
    pub(super) fn new(tenant: i64, flow: FlowRecord) -> Self {
        Self {
            tenant,
            login_challenge: to_stored(flow.login_challenge.as_str()),
            login_verifier: to_stored(flow.login_verifier.as_str()),
            consent_challenge: flow.consent_challenge.map(|c| to_stored(c.as_str())),
            consent_verifier: flow.consent_verifier.map(|v| to_stored(v.as_str())),
            state: i64::from(flow.state.code()),
            revision: flow.revision.0,
            client_id: to_stored(flow.client_id.as_str()),
            subject: flow.subject.map(|s| to_stored(s.as_str())),
            session_id: flow.session_id.map(|s| to_stored(s.as_str())),
            requested_at: flow.requested_at.as_micros(),
            expires_at: flow.expires_at.as_micros(),
            payload: flow.payload,
        }
    }

    fn into_record(self) -> Result<FlowRecord, DbError> {
        let state = i16::try_from(self.state)
            .ok()
            .and_then(FlowState::from_code);
        let Some(state) = state else {
            return Err(DbError::Corrupt {
                what: "flow",
                key: self.login_challenge,
            });
        };
        Ok(FlowRecord {
            login_challenge: LoginChallenge::new(from_stored(self.login_challenge)),
            login_verifier: VerifierHash::new(from_stored(self.login_verifier)),
            consent_challenge: self
                .consent_challenge
                .map(from_stored)
                .map(ConsentChallenge::new),
            consent_verifier: self
                .consent_verifier
                .map(from_stored)
                .map(VerifierHash::new),
            state,
            revision: Revision(self.revision),
            client_id: ClientId::new(from_stored(self.client_id)),
            subject: self.subject.map(from_stored).map(Subject::new),
            session_id: self.session_id.map(from_stored).map(SessionId::new),
            requested_at: Timestamp::from_micros(self.requested_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            payload: self.payload,
        })
    }

    /// The parameters of [`ReplaceFlow`]; `begins`: its session begins in the same step.
    pub(super) fn replacing(&self, expected: Revision, begins: bool) -> [Value<'_>; 14] {
        [
            Value::MaybeText(self.consent_challenge.as_deref()),
            Value::MaybeText(self.consent_verifier.as_deref()),
            Value::Int(self.state),
            Value::Int(self.revision),
            Value::MaybeText(self.subject.as_deref()),
            Value::Flag(begins),
            Value::Int(self.tenant),
            Value::MaybeText(self.session_id.as_deref()),
            Value::Int(self.expires_at),
            Value::Bytes(&self.payload),
            Value::Text(&self.login_verifier),
            Value::Int(self.requested_at),
            Value::Text(&self.login_challenge),
            Value::Int(expected.0),
        ]
    }
}

/// Replaces a flow. The session stays empty if it ended meanwhile, which shows in the stored flow
/// having none while no session of the new flow's name exists or begins.
macro_rules! replace_flow {
    () => {
        "UPDATE hydrus_flows SET consent_challenge = $1, consent_verifier = $2, state = $3, \
         revision = $4, subject = $5, session_id = CASE WHEN session_id IS NULL AND NOT $6 \
         AND NOT EXISTS (SELECT 1 FROM hydrus_login_sessions s WHERE s.tenant = $7 AND s.id = $8) \
         THEN NULL ELSE $8 END, expires_at = $9, payload = $10, \
         login_verifier = $11, requested_at = $12 \
         WHERE tenant = $7 AND login_challenge = $13 AND revision = $14"
    };
}
pub(super) use replace_flow;

statements! {
    pub(super) ReplaceFlow = replace_flow!();
    /// A flow whose login may be skipped, and its client's use of the session. PostgreSQL only.
    InsertSkipping = "WITH f AS (INSERT INTO hydrus_flows (tenant, login_challenge, \
        login_verifier, consent_challenge, consent_verifier, state, revision, client_id, subject, \
        session_id, requested_at, expires_at, payload) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING 1) \
        INSERT INTO hydrus_session_clients (tenant, session_id, client_id) \
        SELECT $1, $10, $8 FROM f WHERE EXISTS (SELECT 1 FROM hydrus_login_sessions s \
        WHERE s.tenant = $1 AND s.id = $10) ON CONFLICT DO NOTHING";
    /// All of a login that ends no other session. PostgreSQL only.
    FinishLogin = concat!(
        "WITH f AS (", replace_flow!(), " RETURNING client_id), \
        s AS (INSERT INTO hydrus_login_sessions \
            (tenant, id, subject, authenticated_at, remember, expires_at) \
            SELECT $7, $8, $15, $16, $17, $18 FROM f WHERE $6 \
            ON CONFLICT (tenant, id) DO UPDATE SET subject = excluded.subject, \
            authenticated_at = excluded.authenticated_at, remember = excluded.remember, \
            expires_at = excluded.expires_at), \
        c AS (INSERT INTO hydrus_session_clients (tenant, session_id, client_id) \
            SELECT $7, $8, f.client_id FROM f WHERE $6 OR EXISTS \
            (SELECT 1 FROM hydrus_login_sessions s WHERE s.tenant = $7 AND s.id = $8) \
            ON CONFLICT DO NOTHING), \
        i AS (INSERT INTO hydrus_forced_identifiers (tenant, client_id, subject, identifier) \
            SELECT $7, $19, $20, $21 FROM f WHERE $22 \
            ON CONFLICT (tenant, client_id, subject) \
            DO UPDATE SET identifier = excluded.identifier) \
        SELECT count(*) FROM f"), -> (diesel::sql_types::BigInt,);
}

impl Db {
    pub(super) async fn insert_flow(&self, flow: FlowRecord) -> StoreResult<()> {
        let row = FlowRow::new(self.tenant, flow);
        if row.subject.is_none() || row.session_id.is_none() {
            return run!(self, |conn| {
                diesel::insert_into(flows::table)
                    .values(&row)
                    .execute(conn)
                    .await?;
                Ok(())
            });
        }
        shortcut!(
            self,
            postgres | conn | {
                let values = [
                    Value::Int(row.tenant),
                    Value::Text(&row.login_challenge),
                    Value::Text(&row.login_verifier),
                    Value::MaybeText(row.consent_challenge.as_deref()),
                    Value::MaybeText(row.consent_verifier.as_deref()),
                    Value::Int(row.state),
                    Value::Int(row.revision),
                    Value::Text(&row.client_id),
                    Value::MaybeText(row.subject.as_deref()),
                    Value::MaybeText(row.session_id.as_deref()),
                    Value::Int(row.requested_at),
                    Value::Int(row.expires_at),
                    Value::Bytes(&row.payload),
                ];
                fixed(InsertSkipping, values).execute(conn).await?;
                Ok(())
            },
            elsewhere | conn | {
                diesel::insert_into(flows::table)
                    .values(&row)
                    .execute(conn)
                    .await?;
                let session = row.session_id.as_deref().unwrap_or_default();
                let values = [
                    Value::Int(row.tenant),
                    Value::Text(session),
                    Value::Text(&row.client_id),
                ];
                fixed(JoinSession, values).execute(conn).await?;
                Ok(())
            }
        )
    }

    pub(super) async fn find_flow(
        &self,
        key: FlowKey<'_>,
    ) -> StoreResult<Option<Found<FlowRecord>>> {
        let tenant = self.tenant;
        let key_text = to_stored(match &key {
            FlowKey::LoginChallenge(text) => text.as_str(),
            FlowKey::LoginVerifier(text) | FlowKey::ConsentVerifier(text) => text.as_str(),
            FlowKey::ConsentChallenge(text) => text.as_str(),
        });
        // Four queries that differ in a column; a boxed one would be prepared anew each time.
        macro_rules! by {
            ($column:expr) => {
                read!(self, |conn| {
                    let client = clients::tenant
                        .eq(flows::tenant)
                        .and(clients::id.eq(flows::client_id));
                    let query = flows::table
                        .inner_join(clients::table.on(client))
                        .filter(flows::tenant.eq(tenant))
                        .filter($column.eq(&key_text))
                        .select((FlowRow::as_select(), clients::version));
                    Ok(query.first(conn).await.optional()?)
                })?
            };
        }
        let found: Option<(FlowRow, i64)> = match key {
            FlowKey::LoginChallenge(_) => by!(flows::login_challenge),
            FlowKey::LoginVerifier(_) => by!(flows::login_verifier),
            FlowKey::ConsentChallenge(_) => by!(flows::consent_challenge),
            FlowKey::ConsentVerifier(_) => by!(flows::consent_verifier),
        };
        let Some((row, version)) = found else {
            return Ok(None);
        };
        let record = row.into_record()?;
        Ok(Some(Found {
            record,
            client_version: ClientVersion(version),
        }))
    }

    pub(super) async fn replace_flow(
        &self,
        flow: FlowRecord,
        expected: Revision,
    ) -> StoreResult<FlowWritten> {
        let row = FlowRow::new(self.tenant, flow);
        run!(self, |conn| {
            let values = row.replacing(expected, false);
            Ok(written(fixed(ReplaceFlow, values).execute(conn).await?))
        })
    }

    pub(super) async fn finish_login(
        &self,
        flow: FlowRecord,
        expected: Revision,
        sessions: SessionChange,
    ) -> StoreResult<FlowWritten> {
        let row = FlowRow::new(self.tenant, flow);
        let begin = sessions
            .begin
            .as_ref()
            .map(|session| SessionRow::new(self.tenant, session));
        let forced = sessions.forced_identifier.map(|forced| {
            [
                to_stored(forced.client_id.as_str()),
                to_stored(forced.subject.as_str()),
                to_stored(&forced.identifier),
            ]
        });
        let end = sessions.end.map(|id| to_stored(id.as_str()));
        let begins_own = match &begin {
            Some(session) => row.session_id.as_ref() == Some(&session.id),
            None => true,
        };
        let begins = begin.is_some();
        if end.is_none() && begins_own {
            let shortcut = on_postgres!(self, |conn| {
                let mut values = row.replacing(expected, begins).to_vec();
                values.extend(session_values(begin.as_ref()));
                values.extend(forced_values(forced.as_ref()));
                let (rows,): (i64,) = fixed(FinishLogin, values).get_result(conn).await?;
                Ok(if rows == 0 {
                    FlowWritten::Changed
                } else {
                    FlowWritten::Done
                })
            });
            if let Some(outcome) = shortcut {
                return outcome;
            }
        }
        transact!(self, |conn| {
            let values = row.replacing(expected, begins);
            if fixed(ReplaceFlow, values).execute(conn).await? == 0 {
                return Ok(FlowWritten::Changed);
            }
            if let Some(end) = &end {
                let values = [Value::Int(row.tenant), Value::Text(end)];
                if fixed(EndSession, values).execute(conn).await? == 1 {
                    fixed(EmptyFlows, values).execute(conn).await?;
                    fixed(EmptyConsents, values).execute(conn).await?;
                }
            }
            if let Some(begin) = &begin {
                fixed(PutSession, begin.params()).execute(conn).await?;
            }
            let session = begin
                .as_ref()
                .map(|s| s.id.as_str())
                .or(row.session_id.as_deref());
            if let Some(session) = session {
                let values = [
                    Value::Int(row.tenant),
                    Value::Text(session),
                    Value::Text(&row.client_id),
                ];
                fixed(JoinSession, values).execute(conn).await?;
            }
            if let Some([client, subject, identifier]) = &forced {
                let values = [
                    Value::Int(row.tenant),
                    Value::Text(client),
                    Value::Text(subject),
                    Value::Text(identifier),
                ];
                fixed(ForceIdentifier, values).execute(conn).await?;
            }
            Ok(FlowWritten::Done)
        })
    }
}

fn session_values(begin: Option<&SessionRow>) -> [Value<'_>; 4] {
    [
        Value::MaybeText(begin.map(|s| s.subject.as_str())),
        Value::MaybeInt(begin.map(|s| s.authenticated_at)),
        Value::Flag(begin.is_some_and(|s| s.remember)),
        Value::MaybeInt(begin.map(|s| s.expires_at)),
    ]
}

fn forced_values(forced: Option<&[String; 3]>) -> [Value<'_>; 4] {
    [
        Value::MaybeText(forced.map(|f| f[0].as_str())),
        Value::MaybeText(forced.map(|f| f[1].as_str())),
        Value::MaybeText(forced.map(|f| f[2].as_str())),
        Value::Flag(forced.is_some()),
    ]
}

pub(super) fn written(rows: usize) -> FlowWritten {
    if rows == 0 {
        FlowWritten::Changed
    } else {
        FlowWritten::Done
    }
}
