//! Login sessions, the clients that used them, and identifiers forced at login.

use consent_flow::{DeliveryRecord, SessionRecord};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use oauth_types::{ClientId, SessionId, StoreResult, Subject, Timestamp};

use super::delivery::{DeliveryRow, InsertDelivery};
use crate::db::Db;
use crate::dispatch::{read, transact};
use crate::schema::{forced_identifiers, login_sessions, session_clients};
use crate::statement::{Value, fixed, statements};
use crate::text::{from_stored, to_stored};

#[derive(Queryable, Selectable)]
#[diesel(table_name = login_sessions)]
pub(super) struct SessionRow {
    tenant: i64,
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) authenticated_at: i64,
    pub(super) remember: bool,
    pub(super) expires_at: i64,
}

impl SessionRow {
    pub(super) fn new(tenant: i64, session: &SessionRecord) -> Self {
        Self {
            tenant,
            id: to_stored(session.id.as_str()),
            subject: to_stored(session.subject.as_str()),
            authenticated_at: session.authenticated_at.as_micros(),
            remember: session.remember,
            expires_at: session.expires_at.as_micros(),
        }
    }

    /// The parameters of [`PutSession`].
    pub(super) fn params(&self) -> [Value<'_>; 6] {
        [
            Value::Int(self.tenant),
            Value::Text(&self.id),
            Value::Text(&self.subject),
            Value::Int(self.authenticated_at),
            Value::Flag(self.remember),
            Value::Int(self.expires_at),
        ]
    }

    fn into_record(self) -> SessionRecord {
        SessionRecord {
            id: SessionId::new(from_stored(self.id)),
            subject: Subject::new(from_stored(self.subject)),
            authenticated_at: Timestamp::from_micros(self.authenticated_at),
            remember: self.remember,
            expires_at: Timestamp::from_micros(self.expires_at),
        }
    }
}

statements! {
    pub(super) PutSession = "INSERT INTO hydrus_login_sessions \
        (tenant, id, subject, authenticated_at, remember, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, id) DO UPDATE SET \
        subject = excluded.subject, authenticated_at = excluded.authenticated_at, \
        remember = excluded.remember, expires_at = excluded.expires_at";
    /// Notes that a client used a session, if there is such a session and it was not noted before.
    pub(super) JoinSession = "INSERT INTO hydrus_session_clients (tenant, session_id, client_id) \
        SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM hydrus_login_sessions s \
        WHERE s.tenant = $1 AND s.id = $2) ON CONFLICT DO NOTHING";
    pub(super) EndSession = "DELETE FROM hydrus_login_sessions WHERE tenant = $1 AND id = $2";
    pub(super) EmptyFlows = "UPDATE hydrus_flows SET session_id = NULL \
        WHERE tenant = $1 AND session_id = $2";
    pub(super) EmptyConsents = "UPDATE hydrus_consents SET session_id = NULL \
        WHERE tenant = $1 AND session_id = $2";
    pub(super) ForceIdentifier = "INSERT INTO hydrus_forced_identifiers \
        (tenant, client_id, subject, identifier) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (tenant, client_id, subject) DO UPDATE SET identifier = excluded.identifier";
    /// Locks the sessions of a user by changing nothing.
    LockSessions = "UPDATE hydrus_login_sessions SET subject = subject \
        WHERE tenant = $1 AND subject = $2";
}

impl Db {
    pub(super) async fn find_session(&self, id: &SessionId) -> StoreResult<Option<SessionRecord>> {
        let (tenant, id) = (self.tenant, to_stored(id.as_str()));
        let row: Option<SessionRow> = read!(self, |conn| {
            let query = login_sessions::table
                .find((tenant, &id))
                .select(SessionRow::as_select());
            Ok(query.first(conn).await.optional()?)
        })?;
        Ok(row.map(SessionRow::into_record))
    }

    pub(super) async fn end_session_with(
        &self,
        id: &SessionId,
        deliveries: Vec<DeliveryRecord>,
    ) -> StoreResult<bool> {
        let (tenant, id) = (self.tenant, to_stored(id.as_str()));
        let deliveries: Vec<DeliveryRow> = deliveries
            .into_iter()
            .map(|delivery| DeliveryRow::new(tenant, delivery))
            .collect();
        transact!(self, |conn| {
            let session = [Value::Int(tenant), Value::Text(&id)];
            // The session first: a flow that is just being written with it holds its row.
            if fixed(EndSession, session).execute(conn).await? == 0 {
                return Ok(false);
            }
            fixed(EmptyFlows, session).execute(conn).await?;
            fixed(EmptyConsents, session).execute(conn).await?;
            for delivery in &deliveries {
                fixed(InsertDelivery, delivery.params())
                    .execute(conn)
                    .await?;
            }
            Ok(true)
        })
    }

    pub(super) async fn end_all_sessions(&self, subject: &Subject) -> StoreResult<()> {
        let (tenant, subject) = (self.tenant, to_stored(subject.as_str()));
        transact!(self, |conn| {
            let user = [Value::Int(tenant), Value::Text(&subject)];
            fixed(LockSessions, user).execute(conn).await?;
            let ids: Vec<String> = login_sessions::table
                .filter(login_sessions::tenant.eq(tenant))
                .filter(login_sessions::subject.eq(&subject))
                .select(login_sessions::id)
                .load(conn)
                .await?;
            for id in ids {
                let session = [Value::Int(tenant), Value::Text(&id)];
                if fixed(EndSession, session).execute(conn).await? == 1 {
                    fixed(EmptyFlows, session).execute(conn).await?;
                    fixed(EmptyConsents, session).execute(conn).await?;
                }
            }
            Ok(())
        })
    }

    pub(super) async fn session_clients(&self, id: &SessionId) -> StoreResult<Vec<ClientId>> {
        let (tenant, id) = (self.tenant, to_stored(id.as_str()));
        let clients: Vec<String> = read!(self, |conn| {
            let query = session_clients::table
                .filter(session_clients::tenant.eq(tenant))
                .filter(session_clients::session_id.eq(&id))
                .select(session_clients::client_id);
            Ok(query.load(conn).await?)
        })?;
        Ok(clients
            .into_iter()
            .map(from_stored)
            .map(ClientId::new)
            .collect())
    }

    pub(super) async fn find_forced_identifier(
        &self,
        client: &ClientId,
        subject: &Subject,
    ) -> StoreResult<Option<String>> {
        let tenant = self.tenant;
        let (client, subject) = (to_stored(client.as_str()), to_stored(subject.as_str()));
        let identifier: Option<String> = read!(self, |conn| {
            let query = forced_identifiers::table
                .find((tenant, &client, &subject))
                .select(forced_identifiers::identifier);
            Ok(query.first(conn).await.optional()?)
        })?;
        Ok(identifier.map(from_stored))
    }
}
