//! Logins, consents and logouts.

use std::collections::BTreeSet;

use async_trait::async_trait;
use consent_flow::{
    ConsentRecord, ConsentsOf, DeliveryRecord, FlowKey, FlowRecord, FlowStore, FlowWritten,
    LogoutRecord, LogoutState, LogoutTaken, Revision, SessionChange, SessionRecord,
};
use oauth_types::{
    ClientId, Found, LogoutChallenge, Page, Paged, SessionId, StoreError, StoreResult, Subject,
    Timestamp, VerifierHash,
};

use crate::flow_rows::{FlowRows, Session};
use crate::rows::{count, expired, paged, remove_expired};
use crate::{MemoryStore, State};

#[async_trait]
impl FlowStore for MemoryStore {
    async fn create_flow(&self, flow: FlowRecord) -> StoreResult<()> {
        let State { clients, flows, .. } = &mut *self.lock();
        if !clients.exists(&flow.client_id) || flows.flows.contains_key(&flow.login_challenge) {
            return Err(StoreError::Conflict);
        }
        flows.check_names(&flow)?;
        if flow.subject.is_some() {
            flows.join_session(flow.session_id.as_ref(), &flow.client_id);
        }
        flows.put_flow(flow);
        Ok(())
    }

    async fn flow(&self, key: FlowKey<'_>) -> StoreResult<Option<Found<FlowRecord>>> {
        let State { clients, flows, .. } = &*self.lock();
        let found = flows.by(&key);
        Ok(found.and_then(|f| clients.join(&f.client_id, f.clone())))
    }

    async fn write_flow(&self, flow: FlowRecord, expected: Revision) -> StoreResult<FlowWritten> {
        let flows = &mut self.lock().flows;
        if !flows.has_revision(&flow.login_challenge, expected) {
            return Ok(FlowWritten::Changed);
        }
        flows.check_names(&flow)?;
        flows.replace_flow(flow);
        Ok(FlowWritten::Done)
    }

    async fn take_login_verifier(
        &self,
        flow: FlowRecord,
        expected: Revision,
        sessions: SessionChange,
    ) -> StoreResult<FlowWritten> {
        let flows = &mut self.lock().flows;
        if !flows.has_revision(&flow.login_challenge, expected) {
            return Ok(FlowWritten::Changed);
        }
        flows.check_names(&flow)?;
        if let Some(id) = &sessions.end {
            flows.end_session(id);
        }
        let mut used = flow.session_id.clone();
        if let Some(record) = sessions.begin {
            used = Some(record.id.clone());
            let clients = BTreeSet::new();
            let begun = Session { record, clients };
            flows.sessions.insert(begun.record.id.clone(), begun);
        }
        flows.join_session(used.as_ref(), &flow.client_id);
        if let Some(forced) = sessions.forced_identifier {
            let key = (forced.client_id, forced.subject);
            flows.forced.insert(key, forced.identifier);
        }
        flows.replace_flow(flow);
        Ok(FlowWritten::Done)
    }

    async fn decide_consent(
        &self,
        flow: FlowRecord,
        expected: Revision,
        consent: Option<ConsentRecord>,
    ) -> StoreResult<FlowWritten> {
        let flows = &mut self.lock().flows;
        if !flows.has_revision(&flow.login_challenge, expected) {
            return Ok(FlowWritten::Changed);
        }
        flows.check_names(&flow)?;
        if let Some(challenge) = &flow.consent_challenge {
            flows.consents.remove(challenge);
        }
        let challenge = flow.login_challenge.clone();
        flows.replace_flow(flow);
        if let Some(mut consent) = consent {
            // The session may have ended since the consent app read the flow; then neither has it.
            let flow = flows.flows.get(&challenge);
            if flow.is_some_and(|f| f.session_id.is_none()) {
                consent.session_id = None;
            }
            flows.consents.insert(consent.challenge.clone(), consent);
        }
        Ok(FlowWritten::Done)
    }

    async fn take_consent_verifier(
        &self,
        flow: FlowRecord,
        expected: Revision,
    ) -> StoreResult<FlowWritten> {
        self.write_flow(flow, expected).await
    }

    async fn remembered_consent(
        &self,
        subject: &Subject,
        client: &ClientId,
    ) -> StoreResult<Option<ConsentRecord>> {
        let state = self.lock();
        let newest = newest_consents(&state.flows, subject)
            .into_iter()
            .find(|c| c.remember && c.client_id == *client);
        Ok(newest.cloned())
    }

    async fn consents(
        &self,
        subject: &Subject,
        session: Option<&SessionId>,
        page: Page,
    ) -> StoreResult<Paged<ConsentRecord>> {
        let state = self.lock();
        let all = newest_consents(&state.flows, subject);
        let total = count(all.len());
        let found = all
            .into_iter()
            .filter(|c| session.is_none() || c.session_id.as_ref() == session);
        Ok(Paged {
            items: paged(found.cloned(), page),
            total,
        })
    }

    async fn revoke_consents(&self, subject: &Subject, of: ConsentsOf) -> StoreResult<()> {
        let State { flows, grants, .. } = &mut *self.lock();
        let client = match &of {
            ConsentsOf::Client(client) => Some(client),
            ConsentsOf::Everyone => None,
        };
        let meant = |id: &ClientId| client.is_none_or(|c| c == id);
        flows
            .consents
            .retain(|_, c| c.subject != *subject || !meant(&c.client_id));
        flows.retain_flows(|f| {
            f.subject.as_ref() != Some(subject)
                || f.consent_challenge.is_none()
                || !meant(&f.client_id)
        });
        flows.leave_sessions(subject, client);
        grants.forget_user(subject, client);
        Ok(())
    }

    async fn session(&self, id: &SessionId) -> StoreResult<Option<SessionRecord>> {
        let state = self.lock();
        Ok(state.flows.sessions.get(id).map(|s| s.record.clone()))
    }

    async fn end_session(&self, id: &SessionId) -> StoreResult<bool> {
        Ok(self.lock().flows.end_session(id))
    }

    async fn end_sessions_of(&self, subject: &Subject) -> StoreResult<()> {
        let flows = &mut self.lock().flows;
        let theirs = flows.sessions.values().map(|s| &s.record);
        let ids: Vec<SessionId> = theirs
            .filter(|s| s.subject == *subject)
            .map(|s| s.id.clone())
            .collect();
        for id in &ids {
            flows.end_session(id);
        }
        Ok(())
    }

    async fn clients_of_session(&self, id: &SessionId) -> StoreResult<Vec<ClientId>> {
        let state = self.lock();
        let session = state.flows.sessions.get(id);
        Ok(session
            .map(|s| s.clients.iter().cloned().collect())
            .unwrap_or_default())
    }

    async fn forced_identifier(
        &self,
        client: &ClientId,
        subject: &Subject,
    ) -> StoreResult<Option<String>> {
        let key = (client.clone(), subject.clone());
        Ok(self.lock().flows.forced.get(&key).cloned())
    }

    async fn create_logout(&self, logout: LogoutRecord) -> StoreResult<()> {
        let State { clients, flows, .. } = &mut *self.lock();
        let orphan = logout
            .client_id
            .as_ref()
            .is_some_and(|c| !clients.exists(c));
        let mut known = flows.logouts.values();
        let taken = known.any(|l| l.challenge == logout.challenge || l.verifier == logout.verifier);
        if orphan || taken {
            return Err(StoreError::Conflict);
        }
        flows.logouts.insert(logout.challenge.clone(), logout);
        Ok(())
    }

    async fn logout(&self, challenge: &LogoutChallenge) -> StoreResult<Option<LogoutRecord>> {
        Ok(self.lock().flows.logouts.get(challenge).cloned())
    }

    async fn decide_logout(
        &self,
        challenge: &LogoutChallenge,
        state: LogoutState,
    ) -> StoreResult<Option<LogoutRecord>> {
        let logouts = &mut self.lock().flows.logouts;
        Ok(logouts.get_mut(challenge).map(|logout| {
            logout.state = state;
            logout.clone()
        }))
    }

    async fn take_logout_verifier(&self, verifier: &VerifierHash) -> StoreResult<LogoutTaken> {
        let logouts = &mut self.lock().flows.logouts;
        let found = logouts.values_mut().find(|l| l.verifier == *verifier);
        Ok(match found {
            Some(logout) if logout.state == LogoutState::Accepted => {
                if std::mem::replace(&mut logout.used, true) {
                    LogoutTaken::Again(logout.clone())
                } else {
                    LogoutTaken::First(logout.clone())
                }
            }
            _ => LogoutTaken::Refused,
        })
    }

    async fn end_session_telling(
        &self,
        id: &SessionId,
        deliveries: Vec<DeliveryRecord>,
    ) -> StoreResult<bool> {
        let State { clients, flows, .. } = &mut *self.lock();
        if !flows.sessions.contains_key(id) {
            return Ok(false);
        }
        // A message goes when its client goes, also in the moment between reading and writing.
        let mut new = deliveries;
        new.retain(|d| clients.exists(&d.client_id));
        if new.iter().any(|d| flows.deliveries.contains_key(&d.id)) {
            return Err(StoreError::Conflict);
        }
        let new = new.into_iter().map(|d| (d.id.clone(), d));
        flows.deliveries.extend(new);
        Ok(flows.end_session(id))
    }

    async fn take_due_deliveries(
        &self,
        now: Timestamp,
        retry_at: Timestamp,
        limit: u32,
    ) -> StoreResult<Vec<DeliveryRecord>> {
        let deliveries = &mut self.lock().flows.deliveries;
        let due = deliveries.values_mut().filter(|d| d.due_at <= now);
        let mut due: Vec<&mut DeliveryRecord> = due.collect();
        due.sort_by(|a, b| (a.due_at, &a.id).cmp(&(b.due_at, &b.id)));
        let taken = due
            .into_iter()
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .map(|delivery| {
                delivery.attempts += 1;
                delivery.due_at = retry_at;
                delivery.clone()
            });
        Ok(taken.collect())
    }

    async fn remove_delivery(&self, id: &str) -> StoreResult<()> {
        self.lock().flows.deliveries.remove(id);
        Ok(())
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64> {
        let flows = &mut self.lock().flows;
        let gone = expired(&flows.flows, |f| f.expires_at, before, limit);
        for challenge in &gone {
            flows.remove_flow(challenge);
        }
        let over = expired(&flows.sessions, |s| s.record.expires_at, before, limit);
        for session in &over {
            flows.end_session(session);
        }
        let mut removed = count(gone.len() + over.len());
        removed += remove_expired(&mut flows.consents, |c| c.expires_at, before, limit);
        removed += remove_expired(&mut flows.logouts, |l| l.expires_at, before, limit);
        removed += remove_expired(&mut flows.deliveries, |d| d.expires_at, before, limit);
        Ok(removed)
    }
}

/// All consents of a user, newest first.
fn newest_consents<'a>(flows: &'a FlowRows, subject: &Subject) -> Vec<&'a ConsentRecord> {
    let all = flows.consents.values();
    let mut found: Vec<&ConsentRecord> = all.filter(|c| c.subject == *subject).collect();
    found.sort_by(|a, b| {
        let newest = b.requested_at.cmp(&a.requested_at);
        newest.then_with(|| a.challenge.cmp(&b.challenge))
    });
    found
}
