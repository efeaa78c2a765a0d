//! The consent step: what the consent app sees and answers, what is remembered, and how the browser
//! comes back.

use std::sync::Arc;

use client_registry::Client;
use oauth_types::{
    ClientId, ConsentChallenge, OAuthError, Page, Paged, SessionId, Subject, Timestamp,
    VerifierHash,
};
use serde::{Deserialize, Serialize};

use crate::{
    ConsentRecord, Flow, FlowError, FlowKey, FlowState, FlowWritten, Flows, OidcContext, Rejection,
    Requested,
};

/// Claims that the consent app adds to the tokens of a flow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConsentSessionData {
    /// For access tokens: `ext`.
    pub access_token: serde_json::Map<String, serde_json::Value>,
    /// For ID tokens and userinfo: top-level claims.
    pub id_token: serde_json::Map<String, serde_json::Value>,
}

/// A consent request as the consent app sees it.
#[derive(Clone, Debug)]
pub struct ConsentRequest {
    /// Its challenge.
    pub challenge: String,
    /// Requested scopes.
    pub requested_scope: Vec<String>,
    /// Requested audiences.
    pub requested_audience: Vec<String>,
    /// Whether a remembered consent covers it.
    pub skip: bool,
    /// The real subject.
    pub subject: String,
    /// OpenID Connect parameters.
    pub oidc_context: OidcContext,
    /// Who asks.
    pub client: Arc<Client>,
    /// Where the flow began.
    pub request_url: String,
    /// The login request before it.
    pub login_challenge: String,
    /// The login session; empty if it has ended.
    pub login_session_id: String,
    /// How strongly the user was authenticated.
    pub acr: String,
    /// By which means.
    pub amr: Vec<String>,
    /// From the login app, raw JSON.
    pub context: Option<String>,
}

/// How the consent app grants a request.
#[derive(Clone, Debug, Default)]
pub struct AcceptConsent {
    /// Granted scopes, taken as they are.
    pub grant_scope: Vec<String>,
    /// Granted audiences, taken as they are.
    pub grant_audience: Vec<String>,
    /// Claims for tokens; `None` keeps what an earlier answer said.
    pub session: Option<ConsentSessionData>,
    /// Whether to remember it.
    pub remember: bool,
    /// For how many seconds; 0: for ever.
    pub remember_for: i64,
}

/// A given consent, as lists show it.
#[derive(Clone, Debug)]
pub struct ConsentSession {
    /// Granted scopes.
    pub grant_scope: Vec<String>,
    /// Granted audiences.
    pub grant_audience: Vec<String>,
    /// Claims for tokens.
    pub session: ConsentSessionData,
    /// Whether it is remembered.
    pub remember: bool,
    /// For how many seconds; 0: for ever.
    pub remember_for: i64,
    /// When it was given.
    pub handled_at: Option<Timestamp>,
    /// The request that it answered.
    pub consent_request: ConsentRequest,
}

/// What a remembered consent covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Granted scopes, with the wildcards that the app may have granted.
    pub scope: Vec<String>,
}

/// The sealed part of a consent: all that lists show.
#[derive(Serialize, Deserialize)]
struct ConsentDetails {
    login_challenge: String,
    requested_scope: Vec<String>,
    requested_audience: Vec<String>,
    oidc_context: OidcContext,
    request_url: String,
    acr: String,
    amr: Vec<String>,
    context: Option<String>,
    granted_scope: Vec<String>,
    granted_audience: Vec<String>,
    session: ConsentSessionData,
    remember_for: i64,
    handled_at: Option<i64>,
}

/// Whether every requested scope is admitted by the granted ones under the strategy `admits(granted,
/// requested)`.
pub fn covers(
    granted: &[String],
    requested: &[String],
    admits: impl Fn(&str, &str) -> bool,
) -> bool {
    requested
        .iter()
        .all(|wanted| granted.iter().any(|given| admits(given, wanted)))
}

impl Flow {
    /// The consent request, for the app.
    ///
    /// # Errors
    /// [`FlowError::UnknownRequest`] if the flow has not come so far.
    pub fn consent_request(
        &self,
        client: Arc<Client>,
    ) -> Result<Requested<ConsentRequest>, FlowError> {
        let Some(challenge) = &self.record.consent_challenge else {
            return Err(FlowError::UnknownRequest);
        };
        if self.record.state == FlowState::ConsentUsed {
            return Ok(Requested::Gone {
                redirect_to: self.details.request_url.clone(),
            });
        }
        Ok(Requested::Open(ConsentRequest {
            challenge: challenge.to_string(),
            requested_scope: self.details.requested_scope.clone(),
            requested_audience: self.details.requested_audience.clone(),
            skip: self.details.consent_skip,
            subject: self.subject_text(),
            oidc_context: self.details.oidc_context.clone(),
            client,
            request_url: self.details.request_url.clone(),
            login_challenge: self.record.login_challenge.to_string(),
            login_session_id: self.session_text(),
            acr: self.details.acr.clone(),
            amr: self.details.amr.clone(),
            context: self.details.context.clone(),
        }))
    }

    /// The consent to keep for an accepted flow; none where the app was told to skip, since such a
    /// consent neither counts later nor is listed.
    fn consent_record(&self, flows: &Flows) -> Result<Option<ConsentRecord>, FlowError> {
        let (Some(challenge), Some(subject), false) = (
            &self.record.consent_challenge,
            &self.record.subject,
            self.details.consent_skip,
        ) else {
            return Ok(None);
        };
        let d = &self.details;
        let payload = flows.close(&ConsentDetails {
            login_challenge: self.record.login_challenge.to_string(),
            requested_scope: d.requested_scope.clone(),
            requested_audience: d.requested_audience.clone(),
            oidc_context: d.oidc_context.clone(),
            request_url: d.request_url.clone(),
            acr: d.acr.clone(),
            amr: d.amr.clone(),
            context: d.context.clone(),
            granted_scope: d.granted_scope.clone(),
            granted_audience: d.granted_audience.clone(),
            session: d.session.clone(),
            remember_for: d.consent_remember_for,
            handled_at: d.handled_at,
        })?;
        let expires_at = if d.consent_remember_for > 0 {
            self.record.requested_at.plus_secs(d.consent_remember_for)
        } else {
            Timestamp::NEVER
        };
        Ok(Some(ConsentRecord {
            challenge: challenge.clone(),
            client_id: self.record.client_id.clone(),
            subject: subject.clone(),
            session_id: self.record.session_id.clone(),
            remember: d.consent_remember,
            requested_at: self.record.requested_at,
            expires_at,
            payload,
        }))
    }
}

impl Flows {
    /// Grants a consent request; the last of several answers counts. Returns where the browser goes
    /// on.
    ///
    /// # Errors
    /// [`FlowError::UnknownRequest`], [`FlowError::ConsentUsed`].
    pub async fn accept_consent(
        &self,
        challenge: &ConsentChallenge,
        accept: AcceptConsent,
        now: Timestamp,
    ) -> Result<String, FlowError> {
        let change = |flow: &mut Flow| {
            if flow.record.state == FlowState::ConsentUsed {
                return Err(FlowError::ConsentUsed);
            }
            flow.record.state = FlowState::ConsentAccepted;
            let details = &mut flow.details;
            details.granted_scope.clone_from(&accept.grant_scope);
            details.granted_audience.clone_from(&accept.grant_audience);
            if let Some(session) = &accept.session {
                details.session.clone_from(session);
            }
            details.consent_remember = accept.remember;
            details.consent_remember_for = accept.remember_for;
            details.handled_at = Some(now.as_micros());
            details.consent_rejection = None;
            flow.consent_record(self)
        };
        let flow = self
            .decide(FlowKey::ConsentChallenge(challenge), change, true)
            .await?;
        Ok(flow.return_address("consent_verifier", &flow.details.consent_verifier))
    }

    /// Rejects a consent request; it may still be granted until the browser comes back.
    ///
    /// # Errors
    /// [`FlowError::UnknownRequest`], [`FlowError::ConsentUsed`].
    pub async fn reject_consent(
        &self,
        challenge: &ConsentChallenge,
        rejection: Rejection,
        now: Timestamp,
    ) -> Result<String, FlowError> {
        let change = |flow: &mut Flow| {
            if flow.record.state == FlowState::ConsentUsed {
                return Err(FlowError::ConsentUsed);
            }
            flow.record.state = FlowState::ConsentRejected;
            let details = &mut flow.details;
            details.granted_scope.clear();
            details.granted_audience.clear();
            details.consent_remember = false;
            details.consent_remember_for = 0;
            details.handled_at = Some(now.as_micros());
            details.consent_rejection = Some(rejection.clone());
            Ok(None)
        };
        let flow = self
            .decide(FlowKey::ConsentChallenge(challenge), change, true)
            .await?;
        Ok(flow.return_address("consent_verifier", &flow.details.consent_verifier))
    }

    /// Reads the flow of a consent verifier that can be used up. Whatever happens next has to end
    /// in [`Flows::refuse_consent`] or in `GrantStore::authorize`.
    ///
    /// # Errors
    /// [`FlowError::UnknownConsentVerifier`], [`FlowError::ConsentNotReady`].
    pub async fn return_from_consent(&self, verifier: &str) -> Result<Flow, FlowError> {
        let hash: VerifierHash = crypto::verifier_hash(verifier);
        let flow = self
            .find(FlowKey::ConsentVerifier(&hash))
            .await?
            .ok_or(FlowError::UnknownConsentVerifier)?;
        match flow.record.state {
            FlowState::ConsentAccepted | FlowState::ConsentRejected => Ok(flow),
            _ => Err(FlowError::ConsentNotReady),
        }
    }

    /// The checks that need no more than the flow.
    ///
    /// # Errors
    /// [`FlowError::ConsentExpired`], [`FlowError::Rejected`], [`FlowError::OtherClient`].
    pub fn check_consent(
        flow: &Flow,
        client: &ClientId,
        max_age_secs: i64,
        now: Timestamp,
    ) -> Result<(), FlowError> {
        if flow.is_older_than(max_age_secs, now) {
            return Err(FlowError::ConsentExpired);
        }
        if let (FlowState::ConsentRejected, Some(rejection)) =
            (flow.record.state, &flow.details.consent_rejection)
        {
            return Err(FlowError::Rejected(rejection.clone()));
        }
        if flow.record.client_id != *client {
            return Err(FlowError::OtherClient);
        }
        Ok(())
    }

    /// Uses up the verifier and gives nothing for it. Gives back the error to show: `why`, or that
    /// another visit was faster.
    pub async fn refuse_consent(&self, flow: Flow, why: impl Into<OAuthError>) -> OAuthError {
        let mut flow = flow;
        let expected = flow.record.revision;
        flow.record.state = FlowState::ConsentUsed;
        let written = match self.next_record(&flow) {
            Ok(record) => self.store.take_consent_verifier(record, expected).await,
            Err(error) => return error.into(),
        };
        match written {
            Ok(FlowWritten::Done) => why.into(),
            Ok(FlowWritten::Changed) => FlowError::ConsentNotReady.into(),
            Err(error) => error.into(),
        }
    }

    /// What the newest remembered consent of a user towards a client covers; `None` if there is
    /// none or it has run out. Only the newest is looked at.
    ///
    /// # Errors
    /// Only [`FlowError::Store`].
    pub async fn remembered(
        &self,
        subject: &Subject,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Option<Granted>, FlowError> {
        let Some(record) = self.store.remembered_consent(subject, client).await? else {
            return Ok(None);
        };
        if record.expires_at < now {
            return Ok(None);
        }
        let details: ConsentDetails =
            self.open_payload(&record.payload, "consent", record.challenge.as_str())?;
        Ok(Some(Granted {
            scope: details.granted_scope,
        }))
    }

    /// One page of a user's consents; those that ran out are left out after paging. `client_of`
    /// gives the clients of the page.
    ///
    /// # Errors
    /// Only [`FlowError::Store`].
    pub async fn consent_sessions(
        &self,
        subject: &Subject,
        session: Option<&SessionId>,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<(ClientId, UnjoinedConsent)>, FlowError> {
        let found = self.store.consents(subject, session, page).await?;
        let mut items = Vec::with_capacity(found.items.len());
        for record in found.items {
            if record.expires_at < now {
                continue;
            }
            let details: ConsentDetails =
                self.open_payload(&record.payload, "consent", record.challenge.as_str())?;
            items.push((
                record.client_id.clone(),
                UnjoinedConsent { record, details },
            ));
        }
        Ok(Paged {
            items,
            total: found.total,
        })
    }
}

/// A consent whose client has yet to be looked up.
pub struct UnjoinedConsent {
    record: ConsentRecord,
    details: ConsentDetails,
}

impl UnjoinedConsent {
    /// The consent as lists show it.
    #[must_use]
    pub fn join(self, client: Arc<Client>) -> ConsentSession {
        let (record, d) = (self.record, self.details);
        ConsentSession {
            grant_scope: d.granted_scope,
            grant_audience: d.granted_audience,
            session: d.session,
            remember: record.remember,
            remember_for: d.remember_for,
            handled_at: d.handled_at.map(Timestamp::from_micros),
            consent_request: ConsentRequest {
                challenge: record.challenge.into_string(),
                requested_scope: d.requested_scope,
                requested_audience: d.requested_audience,
                skip: false,
                subject: record.subject.into_string(),
                oidc_context: d.oidc_context,
                client,
                request_url: d.request_url,
                login_challenge: d.login_challenge,
                login_session_id: record
                    .session_id
                    .map(SessionId::into_string)
                    .unwrap_or_default(),
                acr: d.acr,
                amr: d.amr,
                context: d.context,
            },
        }
    }
}
