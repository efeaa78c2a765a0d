//! The state machines of logins, consents and logouts over a memory store.

#![expect(
    clippy::expect_used,
    reason = "helpers of tests, too: what they cannot do ends the test"
)]

mod decisions;
mod logouts;
mod states;
mod subjects;

use std::sync::Arc;

use client_registry::{Client, ClientStore};
use consent_flow::{
    AcceptConsent, AcceptLogin, Flow, FlowError, FlowKey, Flows, NewFlow, OidcContext, Rejection,
    SessionRecord,
};
use crypto::SystemSecrets;
use memory_store::MemoryStore;
use oauth_types::{
    ClientId, ConsentChallenge, LoginChallenge, OAuthError, Secret, SessionId, Timestamp,
};
use test_support::SeededEntropy;

/// When everything happens.
const NOW: Timestamp = Timestamp::from_secs(1_670_494_272);

/// Flows over an empty store with one client, `web`.
struct Lab {
    flows: Flows,
}

impl Lab {
    async fn new() -> Self {
        let store = MemoryStore::new();
        let client = Client::new(ClientId::new("web"))
            .to_record()
            .expect("a client");
        store.create(client).await.expect("an empty store");
        let flows = Flows {
            store: Arc::new(store),
            secrets: SystemSecrets::new(&[Secret::new("a-system-secret-for-tests-only")]),
            entropy: Arc::new(SeededEntropy::new(7)),
        };
        Self { flows }
    }

    /// Begins a flow; with a user, one whose login is skipped.
    async fn start(&self, skip: Option<&str>) -> LoginChallenge {
        let session = skip.map(|subject| SessionRecord {
            id: SessionId::new("session-of-the-browser"),
            subject: subject.into(),
            authenticated_at: NOW.plus_secs(-100),
            remember: true,
            expires_at: Timestamp::NEVER,
        });
        let new = NewFlow {
            client_id: ClientId::new("web"),
            requested_scope: vec!["openid".into()],
            requested_audience: Vec::new(),
            request_url: "https://id.example/oauth2/auth?state=s&client_id=web".into(),
            oidc_context: OidcContext::default(),
            skip: session,
            keep_until: NOW.plus_secs(86_400),
        };
        self.flows
            .start(new, NOW)
            .await
            .expect("a new flow")
            .challenge
    }

    async fn flow(&self, challenge: &LoginChallenge) -> Flow {
        let found = self.flows.find(FlowKey::LoginChallenge(challenge)).await;
        found.expect("a memory").expect("the flow is there")
    }

    async fn accept(&self, challenge: &LoginChallenge, user: &str) -> Result<String, FlowError> {
        self.flows.accept_login(challenge, login(user), NOW).await
    }

    async fn reject(&self, challenge: &LoginChallenge) -> Result<String, FlowError> {
        self.flows.reject_login(challenge, rejection()).await
    }

    /// Uses the login verifier up and goes on to the consent.
    async fn to_consent(&self, challenge: &LoginChallenge) -> ConsentChallenge {
        let verifier = self.flow(challenge).await.details.login_verifier;
        let returned = self
            .flows
            .return_from_login(&verifier)
            .await
            .expect("accepted");
        let flow = self
            .flows
            .complete_login(returned, None, false, Timestamp::NEVER)
            .await;
        flow.expect("the only visit")
            .record
            .consent_challenge
            .expect("set by now")
    }
}

fn login(user: &str) -> AcceptLogin {
    AcceptLogin {
        subject: user.into(),
        ..AcceptLogin::default()
    }
}

fn consent(scope: &str) -> AcceptConsent {
    AcceptConsent {
        grant_scope: scope.split_whitespace().map(str::to_owned).collect(),
        ..AcceptConsent::default()
    }
}

fn rejection() -> Rejection {
    Rejection {
        error: "access_denied".into(),
        ..Rejection::default()
    }
}

/// The status and name that a caller is told.
fn told(error: FlowError) -> String {
    let error = OAuthError::from(error);
    format!("{} {}", error.status(), error.name())
}
