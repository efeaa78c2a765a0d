//! One journey through the authorization endpoint, as the domain sees it.

use std::sync::Arc;

use crypto::SystemSecrets;
use oauth_types::{
    ClientId, ClientVersion, ConsentChallenge, Entropy, EntropyExt, Found, LoginChallenge,
    LoginVerifier, OAuthError, Params, SessionId, StoreError, Subject, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    ConsentSessionData, FlowError, FlowKey, FlowRecord, FlowState, FlowStore, FlowWritten, Revision,
};

/// OpenID Connect parameters that the login and consent apps may want to know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OidcContext {
    /// `acr_values`, split.
    pub acr_values: Vec<String>,
    /// `ui_locales`, split.
    pub ui_locales: Vec<String>,
    /// `display`.
    pub display: String,
    /// `login_hint`.
    pub login_hint: String,
    /// The claims of `id_token_hint`.
    pub id_token_hint_claims: Option<serde_json::Map<String, serde_json::Value>>,
}

/// How an app turned a request down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// `error`; the default is the API's.
    pub error: String,
    /// `error_description`.
    pub error_description: String,
    /// `error_hint`.
    pub error_hint: String,
    /// `status_code`; it influences nothing that is seen.
    pub status_code: i64,
    /// `error_debug`, shown only under `oauth2.expose_internal_errors`.
    pub error_debug: String,
}

impl Rejection {
    pub(crate) fn into_error(self) -> OAuthError {
        let status = u16::try_from(self.status_code).unwrap_or(400);
        OAuthError::custom(
            self.error,
            status,
            self.error_description,
            self.error_hint,
            self.error_debug,
        )
    }
}

/// The sealed part of a flow: everything that no database searches for.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowDetails {
    /// The raw login verifier.
    pub login_verifier: String,
    /// Ties the login step to the browser that began it.
    pub login_csrf: String,
    /// Requested scopes.
    pub requested_scope: Vec<String>,
    /// Requested audiences.
    pub requested_audience: Vec<String>,
    /// The address that began the flow, and begins it again.
    pub request_url: String,
    /// What the apps may want to know.
    pub oidc_context: OidcContext,
    /// The user and the time (seconds) of the session that lets the login be skipped.
    pub skip: Option<(String, i64)>,
    /// When the user logged in, seconds.
    pub authenticated_at: Option<i64>,
    /// Whether the login is to be remembered.
    pub remember: bool,
    /// For how many seconds; 0: as long as the browser runs.
    pub remember_for: i64,
    /// How strongly the user was authenticated.
    pub acr: String,
    /// By which means.
    pub amr: Vec<String>,
    /// The identifier that the app chose for a pairwise client.
    pub forced_identifier: String,
    /// Whatever the login app tells the consent app, raw JSON.
    pub context: Option<String>,
    /// Why the login was rejected.
    pub login_rejection: Option<Rejection>,
    /// The raw consent verifier.
    pub consent_verifier: String,
    /// Ties the consent step to the browser.
    pub consent_csrf: String,
    /// Whether the consent may be given without asking.
    pub consent_skip: bool,
    /// Granted scopes.
    pub granted_scope: Vec<String>,
    /// Granted audiences.
    pub granted_audience: Vec<String>,
    /// Claims that the consent app adds to tokens.
    pub session: ConsentSessionData,
    /// Whether the consent is to be remembered.
    pub consent_remember: bool,
    /// For how many seconds; 0: for ever.
    pub consent_remember_for: i64,
    /// When the consent app answered, microseconds.
    pub handled_at: Option<i64>,
    /// Why the consent was rejected.
    pub consent_rejection: Option<Rejection>,
}

impl std::fmt::Debug for FlowDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowDetails")
            .field("skip", &self.skip.is_some())
            .finish_non_exhaustive()
    }
}

/// A flow, opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The columns; `payload` is stale once `details` were changed.
    pub record: FlowRecord,
    /// The sealed part.
    pub details: FlowDetails,
    /// The version its client has now.
    pub client_version: ClientVersion,
}

impl FlowState {
    /// Whether the login verifier was used.
    #[must_use]
    pub fn login_is_used(self) -> bool {
        !matches!(
            self,
            Self::LoginInitialized | Self::LoginAccepted | Self::LoginRejected
        )
    }
}

impl Flow {
    /// The address that brings the browser back with a verifier.
    pub(crate) fn return_address(&self, name: &str, verifier: &str) -> String {
        let (base, query) = self
            .details
            .request_url
            .split_once('?')
            .unwrap_or((&self.details.request_url, ""));
        let mut params = Params::parse(query);
        params.set(name, verifier);
        format!("{base}?{}", params.encode_sorted())
    }

    /// The login session, or an empty text once it has ended.
    pub(crate) fn session_text(&self) -> String {
        self.record
            .session_id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// The subject, or an empty text.
    pub(crate) fn subject_text(&self) -> String {
        self.record
            .subject
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// Whether the flow began longer ago than `seconds`.
    pub(crate) fn is_older_than(&self, seconds: i64, now: Timestamp) -> bool {
        self.record.requested_at.plus_secs(seconds) < now
    }
}

/// What a first visit knows.
#[derive(Clone, Debug)]
pub struct NewFlow {
    /// Who asks.
    pub client_id: ClientId,
    /// Requested scopes.
    pub requested_scope: Vec<String>,
    /// Requested audiences.
    pub requested_audience: Vec<String>,
    /// The address of the visit.
    pub request_url: String,
    /// For the apps.
    pub oidc_context: OidcContext,
    /// The session that lets the login be skipped.
    pub skip: Option<crate::SessionRecord>,
    /// From when on the row may be removed.
    pub keep_until: Timestamp,
}

/// What the browser is sent away with.
pub struct Started {
    /// For the login app.
    pub challenge: LoginChallenge,
    /// For the cookie.
    pub csrf: String,
}

/// The flows of a server: logic over a [`FlowStore`].
#[derive(Clone)]
pub struct Flows {
    /// Where they are kept.
    pub store: Arc<dyn FlowStore>,
    /// What seals them.
    pub secrets: SystemSecrets,
    /// What names them.
    pub entropy: Arc<dyn Entropy>,
}

impl Flows {
    /// Begins a flow.
    ///
    /// # Errors
    /// [`FlowError::Store`] with a conflict if the client was deleted this moment.
    pub async fn start(&self, new: NewFlow, now: Timestamp) -> Result<Started, FlowError> {
        let challenge = LoginChallenge::new(self.entropy.uuid_hex());
        let verifier = LoginVerifier::new(self.entropy.uuid_hex());
        let csrf = self.entropy.uuid_hex();
        let session_id = match &new.skip {
            Some(session) => session.id.clone(),
            None => SessionId::new(self.entropy.uuid()),
        };
        let details = FlowDetails {
            login_verifier: verifier.as_str().to_owned(),
            login_csrf: csrf.clone(),
            requested_scope: new.requested_scope,
            requested_audience: new.requested_audience,
            request_url: new.request_url,
            oidc_context: new.oidc_context,
            skip: new
                .skip
                .as_ref()
                .map(|s| (s.subject.to_string(), s.authenticated_at.as_secs())),
            authenticated_at: new.skip.as_ref().map(|s| s.authenticated_at.as_secs()),
            ..FlowDetails::default()
        };
        let record = FlowRecord {
            login_challenge: challenge.clone(),
            login_verifier: crypto::verifier_hash(verifier.as_str()),
            consent_challenge: None,
            consent_verifier: None,
            state: FlowState::LoginInitialized,
            revision: Revision(1),
            client_id: new.client_id,
            subject: new.skip.map(|s| s.subject),
            session_id: Some(session_id),
            requested_at: now.floor_to_secs(),
            expires_at: new.keep_until,
            payload: self.close(&details)?,
        };
        self.store.create_flow(record).await?;
        Ok(Started { challenge, csrf })
    }

    /// Finds and opens a flow.
    ///
    /// # Errors
    /// [`FlowError::Store`], also if no system secret opens it.
    pub async fn find(&self, key: FlowKey<'_>) -> Result<Option<Flow>, FlowError> {
        self.store
            .flow(key)
            .await?
            .map(|found| self.open(found))
            .transpose()
    }

    pub(crate) fn open(&self, found: Found<FlowRecord>) -> Result<Flow, FlowError> {
        let details = self.open_payload(
            &found.record.payload,
            "flow",
            found.record.login_challenge.as_str(),
        )?;
        Ok(Flow {
            record: found.record,
            details,
            client_version: found.client_version,
        })
    }

    pub(crate) fn open_payload<T: serde::de::DeserializeOwned>(
        &self,
        payload: &[u8],
        what: &'static str,
        key: &str,
    ) -> Result<T, FlowError> {
        let corrupt = || StoreError::Corrupt {
            what,
            key: key.to_owned(),
        };
        let plain = self.secrets.open_bytes(payload).map_err(|_| corrupt())?;
        Ok(serde_json::from_slice(&plain).map_err(|_| corrupt())?)
    }

    pub(crate) fn close<T: Serialize>(&self, details: &T) -> Result<Vec<u8>, FlowError> {
        let plain =
            serde_json::to_vec(details).map_err(|error| StoreError::Backend(Box::new(error)))?;
        Ok(self.secrets.seal_bytes(&plain, &*self.entropy)?)
    }

    /// The record to write for a changed flow, one revision on.
    pub(crate) fn next_record(&self, flow: &Flow) -> Result<FlowRecord, FlowError> {
        Ok(FlowRecord {
            revision: Revision(flow.record.revision.0 + 1),
            payload: self.close(&flow.details)?,
            ..flow.record.clone()
        })
    }

    /// Reads, changes and writes a flow until nobody came between; `change` refuses by an error.
    pub(crate) async fn decide(
        &self,
        key: FlowKey<'_>,
        change: impl Fn(&mut Flow) -> Result<Option<crate::ConsentRecord>, FlowError>,
        consent: bool,
    ) -> Result<Flow, FlowError> {
        const TRIES: usize = 16;
        for _ in 0..TRIES {
            let mut flow = self
                .find(key.clone())
                .await?
                .ok_or(FlowError::UnknownRequest)?;
            let expected = flow.record.revision;
            let kept = change(&mut flow)?;
            let record = self.next_record(&flow)?;
            let written = if consent {
                self.store.decide_consent(record, expected, kept).await?
            } else {
                self.store.write_flow(record, expected).await?
            };
            if written == FlowWritten::Done {
                return Ok(flow);
            }
        }
        Err(StoreError::Busy.into())
    }

    pub(crate) fn new_consent_step(&self, flow: &mut Flow, skip: bool) {
        let verifier = self.entropy.uuid_hex();
        flow.record.state = FlowState::ConsentInitialized;
        flow.record.consent_challenge = Some(ConsentChallenge::new(self.entropy.uuid_hex()));
        flow.record.consent_verifier = Some(crypto::verifier_hash(&verifier));
        flow.details.consent_verifier = verifier;
        flow.details.consent_csrf = self.entropy.uuid_hex();
        flow.details.consent_skip = skip;
    }
}

/// Gives a subject where there is one.
pub(crate) fn subject_of(text: &str) -> Option<Subject> {
    (!text.is_empty()).then(|| Subject::new(text))
}
