//! Consents: kept with their flow's decision, found, listed, revoked.

use consent_flow::{ConsentRecord, ConsentsOf, FlowRecord, FlowWritten, Revision};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use oauth_types::{
    ClientId, ConsentChallenge, Page, Paged, SessionId, StoreResult, Subject, Timestamp,
};

use super::flow::{FlowRow, ReplaceFlow, replace_flow, written};
use crate::db::Db;
use crate::dispatch::{read, shortcut, transact};
use crate::schema::consents;
use crate::statement::{Value, fixed, statements};
use crate::text::{from_stored, to_stored};

#[derive(Queryable, Selectable)]
#[diesel(table_name = consents)]
struct ConsentRow {
    challenge: String,
    client_id: String,
    subject: String,
    session_id: Option<String>,
    remember: bool,
    requested_at: i64,
    expires_at: i64,
    payload: Vec<u8>,
}

impl ConsentRow {
    fn new(consent: ConsentRecord) -> Self {
        Self {
            challenge: to_stored(consent.challenge.as_str()),
            client_id: to_stored(consent.client_id.as_str()),
            subject: to_stored(consent.subject.as_str()),
            session_id: consent.session_id.map(|s| to_stored(s.as_str())),
            remember: consent.remember,
            requested_at: consent.requested_at.as_micros(),
            expires_at: consent.expires_at.as_micros(),
            payload: consent.payload,
        }
    }

    fn into_record(self) -> ConsentRecord {
        ConsentRecord {
            challenge: ConsentChallenge::new(from_stored(self.challenge)),
            client_id: ClientId::new(from_stored(self.client_id)),
            subject: Subject::new(from_stored(self.subject)),
            session_id: self.session_id.map(from_stored).map(SessionId::new),
            remember: self.remember,
            requested_at: Timestamp::from_micros(self.requested_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            payload: self.payload,
        }
    }

    /// `had_session`: the decision was made on a flow that had its session.
    fn params(&self, had_session: bool) -> [Value<'_>; 9] {
        [
            Value::Text(&self.challenge),
            Value::Text(&self.client_id),
            Value::Text(&self.subject),
            Value::Flag(had_session),
            Value::MaybeText(self.session_id.as_deref()),
            Value::Flag(self.remember),
            Value::Int(self.requested_at),
            Value::Int(self.expires_at),
            Value::Bytes(&self.payload),
        ]
    }
}

macro_rules! instead_of_former {
    () => {
        " ON CONFLICT (tenant, challenge) DO UPDATE SET client_id = excluded.client_id, \
         subject = excluded.subject, session_id = excluded.session_id, \
         remember = excluded.remember, requested_at = excluded.requested_at, \
         expires_at = excluded.expires_at, payload = excluded.payload"
    };
}

statements! {
    /// Keeps a consent; without its session if that ended while the flow was decided, which shows
    /// in the flow having lost it.
    PutConsent = concat!("INSERT INTO hydrus_consents (tenant, challenge, client_id, subject, \
        session_id, remember, requested_at, expires_at, payload) \
        SELECT f.tenant, $1, $2, $3, CASE WHEN f.session_id IS NULL AND $4 THEN NULL ELSE $5 END, \
        $6, $7, $8, $9 FROM hydrus_flows f WHERE f.tenant = $10 AND f.login_challenge = $11",
        instead_of_former!());
    RemoveConsent = "DELETE FROM hydrus_consents WHERE tenant = $1 AND challenge = $2";
    /// The flow and its consent at once. PostgreSQL only.
    DecideWithConsent = concat!("WITH f AS (", replace_flow!(), " RETURNING session_id) \
        INSERT INTO hydrus_consents (tenant, challenge, client_id, subject, \
        session_id, remember, requested_at, expires_at, payload) \
        SELECT $7, $15, $16, $17, CASE WHEN f.session_id IS NULL AND $18 THEN NULL ELSE $19 END, \
        $20, $21, $22, $23 FROM f", instead_of_former!());
    /// The flow, and its former consent gone. PostgreSQL only.
    DecideWithout = concat!("WITH f AS (", replace_flow!(), " RETURNING consent_challenge), \
        d AS (DELETE FROM hydrus_consents c USING f \
        WHERE c.tenant = $7 AND c.challenge = f.consent_challenge) \
        SELECT count(*) FROM f"), -> (BigInt,);
    RevokeFlows = "DELETE FROM hydrus_flows WHERE tenant = $1 AND subject = $2 \
        AND consent_challenge IS NOT NULL AND ($3 IS NULL OR client_id = $3)";
    RevokeConsents = "DELETE FROM hydrus_consents WHERE tenant = $1 AND subject = $2 \
        AND ($3 IS NULL OR client_id = $3)";
    RevokeGrants = "DELETE FROM hydrus_grants WHERE tenant = $1 AND subject = $2 \
        AND ($3 IS NULL OR client_id = $3)";
    /// A client without a flow of the session is not told about its end, as with Hydra.
    LeaveSessions = "DELETE FROM hydrus_session_clients WHERE tenant = $1 AND session_id IN \
        (SELECT s.id FROM hydrus_login_sessions s WHERE s.tenant = $1 AND s.subject = $2) \
        AND ($3 IS NULL OR client_id = $3)";
}

impl Db {
    pub(super) async fn replace_flow_and_consent(
        &self,
        flow: FlowRecord,
        expected: Revision,
        consent: Option<ConsentRecord>,
    ) -> StoreResult<FlowWritten> {
        let row = FlowRow::new(self.tenant, flow);
        let Some(consent) = consent.map(ConsentRow::new) else {
            return self.replace_flow_without_consent(row, expected).await;
        };
        let had_session = row.session_id.is_some();
        shortcut!(
            self,
            postgres | conn | {
                let mut values = row.replacing(expected, false).to_vec();
                values.extend(consent.params(had_session));
                Ok(written(
                    fixed(DecideWithConsent, values).execute(conn).await?,
                ))
            },
            elsewhere | conn | {
                let values = row.replacing(expected, false);
                if fixed(ReplaceFlow, values).execute(conn).await? == 0 {
                    return Ok(FlowWritten::Changed);
                }
                let mut values = consent.params(had_session).to_vec();
                values.extend([Value::Int(row.tenant), Value::Text(&row.login_challenge)]);
                fixed(PutConsent, values).execute(conn).await?;
                Ok(FlowWritten::Done)
            }
        )
    }

    async fn replace_flow_without_consent(
        &self,
        row: FlowRow,
        expected: Revision,
    ) -> StoreResult<FlowWritten> {
        shortcut!(
            self,
            postgres | conn | {
                let values = row.replacing(expected, false);
                let (rows,): (i64,) = fixed(DecideWithout, values).get_result(conn).await?;
                Ok(if rows == 0 {
                    FlowWritten::Changed
                } else {
                    FlowWritten::Done
                })
            },
            elsewhere | conn | {
                let values = row.replacing(expected, false);
                if fixed(ReplaceFlow, values).execute(conn).await? == 0 {
                    return Ok(FlowWritten::Changed);
                }
                if let Some(challenge) = &row.consent_challenge {
                    let values = [Value::Int(row.tenant), Value::Text(challenge)];
                    fixed(RemoveConsent, values).execute(conn).await?;
                }
                Ok(FlowWritten::Done)
            }
        )
    }

    pub(super) async fn newest_consent(
        &self,
        subject: &Subject,
        client: &ClientId,
    ) -> StoreResult<Option<ConsentRecord>> {
        let tenant = self.tenant;
        let (subject, client) = (to_stored(subject.as_str()), to_stored(client.as_str()));
        let row: Option<ConsentRow> = read!(self, |conn| {
            let query = consents::table
                .filter(consents::tenant.eq(tenant))
                .filter(consents::subject.eq(&subject))
                .filter(consents::client_id.eq(&client))
                .filter(consents::remember.eq(true))
                .order((consents::requested_at.desc(), consents::challenge))
                .select(ConsentRow::as_select());
            Ok(query.first(conn).await.optional()?)
        })?;
        Ok(row.map(ConsentRow::into_record))
    }

    pub(super) async fn page_of_consents(
        &self,
        subject: &Subject,
        session: Option<&SessionId>,
        page: Page,
    ) -> StoreResult<Paged<ConsentRecord>> {
        let (tenant, subject) = (self.tenant, to_stored(subject.as_str()));
        let session = session.map(|id| to_stored(id.as_str()));
        let (rows, total): (Vec<ConsentRow>, i64) = read!(self, |conn| {
            let mut query = consents::table
                .filter(consents::tenant.eq(tenant))
                .filter(consents::subject.eq(&subject))
                .order((consents::requested_at.desc(), consents::challenge))
                .offset(i64::try_from(page.offset).unwrap_or(i64::MAX))
                .limit(i64::from(page.size))
                .select(ConsentRow::as_select())
                .into_boxed();
            if let Some(session) = &session {
                query = query.filter(consents::session_id.eq(session));
            }
            let rows = query.load(conn).await?;
            let total = consents::table
                .filter(consents::tenant.eq(tenant))
                .filter(consents::subject.eq(&subject))
                .count()
                .get_result(conn)
                .await?;
            Ok((rows, total))
        })?;
        Ok(Paged {
            items: rows.into_iter().map(ConsentRow::into_record).collect(),
            total: u64::try_from(total).unwrap_or_default(),
        })
    }

    pub(super) async fn remove_consents(
        &self,
        subject: &Subject,
        of: ConsentsOf,
    ) -> StoreResult<()> {
        let (tenant, subject) = (self.tenant, to_stored(subject.as_str()));
        let client = match of {
            ConsentsOf::Client(client) => Some(to_stored(client.as_str())),
            ConsentsOf::Everyone => None,
        };
        transact!(self, |conn| {
            let values = [
                Value::Int(tenant),
                Value::Text(&subject),
                Value::MaybeText(client.as_deref()),
            ];
            // Flows first: whoever buys a grant with one either comes before and is seen below, or
            // finds it gone.
            fixed(RevokeFlows, values).execute(conn).await?;
            fixed(RevokeConsents, values).execute(conn).await?;
            fixed(RevokeGrants, values).execute(conn).await?;
            fixed(LeaveSessions, values).execute(conn).await?;
            Ok(())
        })
    }
}
