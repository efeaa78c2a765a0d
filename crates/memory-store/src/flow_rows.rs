//! The rows of flows, consents, sessions and logouts, and what binds them together.

use std::collections::{BTreeSet, HashMap};

use consent_flow::{
    ConsentRecord, DeliveryRecord, FlowKey, FlowRecord, LogoutRecord, Revision, SessionRecord,
};
use oauth_types::{
    ClientId, ConsentChallenge, LoginChallenge, LogoutChallenge, SessionId, StoreError,
    StoreResult, Subject, VerifierHash,
};

/// The rows of [`consent_flow::FlowStore`].
#[derive(Default)]
pub(crate) struct FlowRows {
    pub(crate) flows: HashMap<LoginChallenge, FlowRecord>,
    /// Finds a flow by its other unique texts.
    names: HashMap<FlowName, LoginChallenge>,
    pub(crate) consents: HashMap<ConsentChallenge, ConsentRecord>,
    pub(crate) sessions: HashMap<SessionId, Session>,
    pub(crate) forced: HashMap<(ClientId, Subject), String>,
    pub(crate) logouts: HashMap<LogoutChallenge, LogoutRecord>,
    pub(crate) deliveries: HashMap<String, DeliveryRecord>,
}

/// A login session and the clients that used it.
pub(crate) struct Session {
    pub(crate) record: SessionRecord,
    pub(crate) clients: BTreeSet<ClientId>,
}

/// A text other than the login challenge that names one flow.
#[derive(PartialEq, Eq, Hash)]
enum FlowName {
    LoginVerifier(VerifierHash),
    ConsentChallenge(ConsentChallenge),
    ConsentVerifier(VerifierHash),
}

fn names_of(flow: &FlowRecord) -> Vec<FlowName> {
    let mut names = vec![FlowName::LoginVerifier(flow.login_verifier.clone())];
    let challenge = flow.consent_challenge.clone();
    names.extend(challenge.map(FlowName::ConsentChallenge));
    let verifier = flow.consent_verifier.clone();
    names.extend(verifier.map(FlowName::ConsentVerifier));
    names
}

impl FlowRows {
    pub(crate) fn by(&self, key: &FlowKey<'_>) -> Option<&FlowRecord> {
        let name = match key {
            FlowKey::LoginChallenge(challenge) => return self.flows.get(challenge),
            FlowKey::LoginVerifier(hash) => FlowName::LoginVerifier((*hash).clone()),
            FlowKey::ConsentChallenge(challenge) => {
                FlowName::ConsentChallenge((*challenge).clone())
            }
            FlowKey::ConsentVerifier(hash) => FlowName::ConsentVerifier((*hash).clone()),
        };
        self.flows.get(self.names.get(&name)?)
    }

    pub(crate) fn by_consent_verifier_mut(
        &mut self,
        verifier: &VerifierHash,
    ) -> Option<&mut FlowRecord> {
        let name = FlowName::ConsentVerifier(verifier.clone());
        self.flows.get_mut(self.names.get(&name)?)
    }

    pub(crate) fn has_revision(&self, flow: &LoginChallenge, expected: Revision) -> bool {
        self.flows.get(flow).is_some_and(|f| f.revision == expected)
    }

    /// Whether all names of the flow are free or its own.
    pub(crate) fn check_names(&self, flow: &FlowRecord) -> StoreResult<()> {
        let taken = |name| {
            self.names
                .get(&name)
                .is_some_and(|owner| *owner != flow.login_challenge)
        };
        if names_of(flow).into_iter().any(taken) {
            return Err(StoreError::Conflict);
        }
        Ok(())
    }

    /// Keeps a flow in the place of its former self.
    pub(crate) fn put_flow(&mut self, flow: FlowRecord) {
        self.remove_flow(&flow.login_challenge);
        let challenge = &flow.login_challenge;
        let names = names_of(&flow).into_iter().map(|n| (n, challenge.clone()));
        self.names.extend(names);
        self.flows.insert(challenge.clone(), flow);
    }

    /// Writes the next state of a flow. A session that ended meanwhile stays away from it.
    pub(crate) fn replace_flow(&mut self, mut flow: FlowRecord) {
        let stored = self.flows.get(&flow.login_challenge);
        let ended = stored.is_some_and(|f| f.session_id.is_none());
        flow.session_id = flow
            .session_id
            .filter(|id| !ended || self.sessions.contains_key(id));
        self.put_flow(flow);
    }

    pub(crate) fn remove_flow(&mut self, challenge: &LoginChallenge) {
        if let Some(flow) = self.flows.remove(challenge) {
            for name in names_of(&flow) {
                self.names.remove(&name);
            }
        }
    }

    /// Removes the flows that are not to be kept.
    pub(crate) fn retain_flows(&mut self, keep: impl Fn(&FlowRecord) -> bool) {
        let gone = self.flows.values().filter(|f| !keep(f));
        let gone: Vec<LoginChallenge> = gone.map(|f| f.login_challenge.clone()).collect();
        for challenge in &gone {
            self.remove_flow(challenge);
        }
    }

    /// Notes that a client used a session, if that exists.
    pub(crate) fn join_session(&mut self, session: Option<&SessionId>, client: &ClientId) {
        if let Some(session) = session.and_then(|id| self.sessions.get_mut(id)) {
            session.clients.insert(client.clone());
        }
    }

    /// Removes a session and takes it out of flows and consents; whether there was one.
    pub(crate) fn end_session(&mut self, id: &SessionId) -> bool {
        if self.sessions.remove(id).is_none() {
            return false;
        }
        for flow in self.flows.values_mut() {
            flow.session_id.take_if(|s| s == id);
        }
        for consent in self.consents.values_mut() {
            consent.session_id.take_if(|s| s == id);
        }
        true
    }

    /// Takes a client, or all, out of the sessions of a user.
    pub(crate) fn leave_sessions(&mut self, subject: &Subject, client: Option<&ClientId>) {
        for session in self.sessions.values_mut() {
            if session.record.subject == *subject {
                session
                    .clients
                    .retain(|c| client.is_some_and(|gone| gone != c));
            }
        }
    }

    pub(crate) fn forget_client(&mut self, client: &ClientId) {
        self.retain_flows(|f| f.client_id != *client);
        self.consents.retain(|_, c| c.client_id != *client);
        self.forced.retain(|(towards, _), _| towards != client);
        self.logouts
            .retain(|_, l| l.client_id.as_ref() != Some(client));
        self.deliveries.retain(|_, d| d.client_id != *client);
        for session in self.sessions.values_mut() {
            session.clients.remove(client);
        }
    }
}
