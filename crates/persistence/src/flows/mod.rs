//! [`FlowStore`]: the trait, handed on to one file per subject.

mod consent;
mod delivery;
mod flow;
mod logout;
mod session;

use async_trait::async_trait;
use consent_flow::{
    ConsentRecord, ConsentsOf, DeliveryRecord, FlowKey, FlowRecord, FlowStore, FlowWritten,
    LogoutRecord, LogoutState, LogoutTaken, Revision, SessionChange, SessionRecord,
};
use diesel_async::RunQueryDsl;
use oauth_types::{
    ClientId, Found, LogoutChallenge, Page, Paged, SessionId, StoreResult, Subject, Timestamp,
    VerifierHash,
};

use crate::db::Db;
use crate::dispatch::transact;
use crate::statement::{Value, fixed, statements};

statements! {
    ExpiredFlows = "DELETE FROM hydrus_flows WHERE tenant = $1 AND login_challenge IN \
        (SELECT login_challenge FROM hydrus_flows WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
    ExpiredConsents = "DELETE FROM hydrus_consents WHERE tenant = $1 AND challenge IN \
        (SELECT challenge FROM hydrus_consents WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
    ExpiredLogouts = "DELETE FROM hydrus_logouts WHERE tenant = $1 AND challenge IN \
        (SELECT challenge FROM hydrus_logouts WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
    ExpiredDeliveries = "DELETE FROM hydrus_deliveries WHERE tenant = $1 AND id IN \
        (SELECT id FROM hydrus_deliveries WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at LIMIT $3)";
    ExpiredSessions = "DELETE FROM hydrus_login_sessions WHERE tenant = $1 AND id IN \
        (SELECT id FROM hydrus_login_sessions WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at, id LIMIT $3)";
    /// Before the sessions themselves, by the same choice.
    FlowsOfExpired = "UPDATE hydrus_flows SET session_id = NULL WHERE tenant = $1 AND session_id IN \
        (SELECT id FROM hydrus_login_sessions WHERE tenant = $1 AND expires_at < $2 \
        ORDER BY expires_at, id LIMIT $3)";
    ConsentsOfExpired = "UPDATE hydrus_consents SET session_id = NULL WHERE tenant = $1 \
        AND session_id IN (SELECT id FROM hydrus_login_sessions WHERE tenant = $1 \
        AND expires_at < $2 ORDER BY expires_at, id LIMIT $3)";
}

#[async_trait]
impl FlowStore for Db {
    async fn create_flow(&self, flow: FlowRecord) -> StoreResult<()> {
        self.insert_flow(flow).await
    }

    async fn flow(&self, key: FlowKey<'_>) -> StoreResult<Option<Found<FlowRecord>>> {
        self.find_flow(key).await
    }

    async fn write_flow(&self, flow: FlowRecord, expected: Revision) -> StoreResult<FlowWritten> {
        self.replace_flow(flow, expected).await
    }

    async fn take_login_verifier(
        &self,
        flow: FlowRecord,
        expected: Revision,
        sessions: SessionChange,
    ) -> StoreResult<FlowWritten> {
        self.finish_login(flow, expected, sessions).await
    }

    async fn decide_consent(
        &self,
        flow: FlowRecord,
        expected: Revision,
        consent: Option<ConsentRecord>,
    ) -> StoreResult<FlowWritten> {
        self.replace_flow_and_consent(flow, expected, consent).await
    }

    async fn take_consent_verifier(
        &self,
        flow: FlowRecord,
        expected: Revision,
    ) -> StoreResult<FlowWritten> {
        self.replace_flow(flow, expected).await
    }

    async fn remembered_consent(
        &self,
        subject: &Subject,
        client: &ClientId,
    ) -> StoreResult<Option<ConsentRecord>> {
        self.newest_consent(subject, client).await
    }

    async fn consents(
        &self,
        subject: &Subject,
        session: Option<&SessionId>,
        page: Page,
    ) -> StoreResult<Paged<ConsentRecord>> {
        self.page_of_consents(subject, session, page).await
    }

    async fn revoke_consents(&self, subject: &Subject, of: ConsentsOf) -> StoreResult<()> {
        self.remove_consents(subject, of).await
    }

    async fn session(&self, id: &SessionId) -> StoreResult<Option<SessionRecord>> {
        self.find_session(id).await
    }

    async fn end_session(&self, id: &SessionId) -> StoreResult<bool> {
        self.end_session_with(id, Vec::new()).await
    }

    async fn end_sessions_of(&self, subject: &Subject) -> StoreResult<()> {
        self.end_all_sessions(subject).await
    }

    async fn clients_of_session(&self, id: &SessionId) -> StoreResult<Vec<ClientId>> {
        self.session_clients(id).await
    }

    async fn forced_identifier(
        &self,
        client: &ClientId,
        subject: &Subject,
    ) -> StoreResult<Option<String>> {
        self.find_forced_identifier(client, subject).await
    }

    async fn create_logout(&self, logout: LogoutRecord) -> StoreResult<()> {
        self.insert_logout(logout).await
    }

    async fn logout(&self, challenge: &LogoutChallenge) -> StoreResult<Option<LogoutRecord>> {
        self.find_logout(challenge).await
    }

    async fn decide_logout(
        &self,
        challenge: &LogoutChallenge,
        state: LogoutState,
    ) -> StoreResult<Option<LogoutRecord>> {
        self.set_logout_state(challenge, state).await
    }

    async fn take_logout_verifier(&self, verifier: &VerifierHash) -> StoreResult<LogoutTaken> {
        self.use_logout(verifier).await
    }

    async fn end_session_telling(
        &self,
        id: &SessionId,
        deliveries: Vec<DeliveryRecord>,
    ) -> StoreResult<bool> {
        self.end_session_with(id, deliveries).await
    }

    async fn take_due_deliveries(
        &self,
        now: Timestamp,
        retry_at: Timestamp,
        limit: u32,
    ) -> StoreResult<Vec<DeliveryRecord>> {
        self.lend_deliveries(now, retry_at, limit).await
    }

    async fn remove_delivery(&self, id: &str) -> StoreResult<()> {
        self.forget_delivery(id).await
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64> {
        let values = [
            Value::Int(self.tenant),
            Value::Int(before.as_micros()),
            Value::Int(i64::from(limit)),
        ];
        transact!(self, |conn| {
            let mut removed = fixed(ExpiredFlows, values).execute(conn).await?;
            removed += fixed(ExpiredConsents, values).execute(conn).await?;
            removed += fixed(ExpiredLogouts, values).execute(conn).await?;
            removed += fixed(ExpiredDeliveries, values).execute(conn).await?;
            fixed(FlowsOfExpired, values).execute(conn).await?;
            fixed(ConsentsOfExpired, values).execute(conn).await?;
            removed += fixed(ExpiredSessions, values).execute(conn).await?;
            Ok(removed as u64)
        })
    }
}
