//! The login step: what the login app sees and answers, and how the browser comes back.

use std::sync::Arc;

use client_registry::Client;
use oauth_types::{LoginChallenge, OAuthError, SessionId, Timestamp};

use crate::flow::subject_of;
use crate::{
    Flow, FlowError, FlowKey, FlowState, FlowWritten, Flows, ForcedIdentifier, OidcContext,
    Rejection, Requested, SessionChange, SessionRecord,
};

/// A login request as the login app sees it.
#[derive(Clone, Debug)]
pub struct LoginRequest {
    /// Its challenge.
    pub challenge: String,
    /// Requested scopes.
    pub requested_scope: Vec<String>,
    /// Requested audiences.
    pub requested_audience: Vec<String>,
    /// Whether a session speaks for the user; then only its subject may be accepted.
    pub skip: bool,
    /// The user, if known.
    pub subject: String,
    /// OpenID Connect parameters.
    pub oidc_context: OidcContext,
    /// Who asks.
    pub client: Arc<Client>,
    /// Where the flow began.
    pub request_url: String,
    /// The login session; empty if it has ended.
    pub session_id: String,
}

/// How the login app lets a user in.
#[derive(Clone, Debug, Default)]
pub struct AcceptLogin {
    /// Who it is.
    pub subject: String,
    /// Whether to remember it.
    pub remember: bool,
    /// For how many seconds; 0 or less: as long as the browser runs.
    pub remember_for: i64,
    /// How strongly.
    pub acr: String,
    /// By which means.
    pub amr: Vec<String>,
    /// What a pairwise client is to know the user as.
    pub force_subject_identifier: String,
    /// For the consent app, raw JSON.
    pub context: Option<String>,
}

/// What has to hold for a browser that comes back from the login app. The caller checks it between
/// reading the flow and using up the verifier.
#[derive(Debug)]
pub struct LoginReturn {
    /// The flow, accepted or rejected, its verifier not yet used up.
    pub flow: Flow,
}

impl Flow {
    /// The login request, for the app.
    #[must_use]
    pub fn login_request(&self, client: Arc<Client>) -> Requested<LoginRequest> {
        if self.record.state.login_is_used() {
            return Requested::Gone {
                redirect_to: self.details.request_url.clone(),
            };
        }
        Requested::Open(LoginRequest {
            challenge: self.record.login_challenge.to_string(),
            requested_scope: self.details.requested_scope.clone(),
            requested_audience: self.details.requested_audience.clone(),
            skip: self.details.skip.is_some(),
            subject: self.subject_text(),
            oidc_context: self.details.oidc_context.clone(),
            client,
            request_url: self.details.request_url.clone(),
            session_id: self.session_text(),
        })
    }

    /// When the user logged in.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<Timestamp> {
        self.details.authenticated_at.map(Timestamp::from_secs)
    }
}

impl Flows {
    /// Accepts a login; the last of several answers counts. Returns where the browser goes on.
    ///
    /// # Errors
    /// In this order: [`FlowError::NoSubject`], [`FlowError::UnknownRequest`],
    /// [`FlowError::SubjectChanged`], [`FlowError::LoginUsed`].
    pub async fn accept_login(
        &self,
        challenge: &LoginChallenge,
        accept: AcceptLogin,
        now: Timestamp,
    ) -> Result<String, FlowError> {
        if accept.subject.is_empty() {
            return Err(FlowError::NoSubject);
        }
        let change = |flow: &mut Flow| {
            // Whoever was accepted before stays, unless rejected in between; a session's user stays
            // in any case.
            let fixed = match (&flow.details.skip, &flow.record.subject) {
                (Some((subject, _)), _) => Some(subject.as_str()),
                (None, stored) => stored.as_ref().map(oauth_types::Subject::as_str),
            };
            if fixed.is_some_and(|subject| subject != accept.subject) {
                return Err(FlowError::SubjectChanged);
            }
            if flow.record.state.login_is_used() {
                return Err(FlowError::LoginUsed);
            }
            let skipped = flow.details.skip.as_ref().map(|(_, at)| *at);
            flow.record.state = FlowState::LoginAccepted;
            flow.record.subject = subject_of(&accept.subject);
            let details = &mut flow.details;
            details.authenticated_at = Some(skipped.unwrap_or(now.as_secs()));
            details.remember = skipped.is_some() || accept.remember;
            details.remember_for = accept.remember_for;
            details.acr.clone_from(&accept.acr);
            details.amr.clone_from(&accept.amr);
            details
                .forced_identifier
                .clone_from(&accept.force_subject_identifier);
            details.context.clone_from(&accept.context);
            details.login_rejection = None;
            Ok(None)
        };
        let flow = self
            .decide(FlowKey::LoginChallenge(challenge), change, false)
            .await?;
        Ok(flow.return_address("login_verifier", &flow.details.login_verifier))
    }

    /// Rejects a login; it may still be accepted until the browser comes back.
    ///
    /// # Errors
    /// [`FlowError::UnknownRequest`], [`FlowError::LoginUsed`].
    pub async fn reject_login(
        &self,
        challenge: &LoginChallenge,
        rejection: Rejection,
    ) -> Result<String, FlowError> {
        let change = |flow: &mut Flow| {
            if flow.record.state.login_is_used() {
                return Err(FlowError::LoginUsed);
            }
            flow.record.state = FlowState::LoginRejected;
            flow.record.subject = None;
            let details = &mut flow.details;
            details.authenticated_at = None;
            details.remember = false;
            details.remember_for = 0;
            details.acr.clear();
            details.amr.clear();
            details.forced_identifier.clear();
            details.context = None;
            details.login_rejection = Some(rejection.clone());
            Ok(None)
        };
        let flow = self
            .decide(FlowKey::LoginChallenge(challenge), change, false)
            .await?;
        Ok(flow.return_address("login_verifier", &flow.details.login_verifier))
    }

    /// Reads the flow of a login verifier that can be used up. Whatever happens next has to end in
    /// [`Flows::refuse_login`] or [`Flows::complete_login`].
    ///
    /// # Errors
    /// [`FlowError::UnknownLoginVerifier`], [`FlowError::LoginNotReady`].
    pub async fn return_from_login(&self, verifier: &str) -> Result<LoginReturn, FlowError> {
        let hash = crypto::verifier_hash(verifier);
        let flow = self
            .find(FlowKey::LoginVerifier(&hash))
            .await?
            .ok_or(FlowError::UnknownLoginVerifier)?;
        match flow.record.state {
            FlowState::LoginAccepted | FlowState::LoginRejected => Ok(LoginReturn { flow }),
            other => Err(FlowError::LoginNotReady {
                state: other.code(),
            }),
        }
    }

    /// Uses up the verifier and goes no further; `end` is a session to end with it. Gives back the
    /// error to show: `why`, or that another visit was faster.
    pub async fn refuse_login(
        &self,
        returned: LoginReturn,
        end: Option<SessionId>,
        why: impl Into<OAuthError>,
    ) -> OAuthError {
        let mut flow = returned.flow;
        let expected = flow.record.revision;
        flow.record.state = FlowState::LoginUsed;
        let written = match self.next_record(&flow) {
            Ok(record) => {
                let change = SessionChange {
                    end,
                    ..SessionChange::default()
                };
                self.store
                    .take_login_verifier(record, expected, change)
                    .await
            }
            Err(error) => return error.into(),
        };
        match written {
            Ok(FlowWritten::Done) => why.into(),
            Ok(FlowWritten::Changed) => FlowError::LoginNotReady {
                state: FlowState::LoginUsed.code(),
            }
            .into(),
            Err(error) => error.into(),
        }
    }

    /// Uses up the verifier, begins the session of a login that was not skipped, and goes on to
    /// the consent step.
    ///
    /// `browser_session` is the one that the browser's cookie names; it ends if the new login is
    /// not to be remembered.
    ///
    /// # Errors
    /// [`FlowError::LoginNotReady`] if another visit was faster.
    pub async fn complete_login(
        &self,
        returned: LoginReturn,
        browser_session: Option<SessionId>,
        skip_consent: bool,
        keep_session_until: Timestamp,
    ) -> Result<Flow, FlowError> {
        let mut flow = returned.flow;
        let expected = flow.record.revision;
        let skipped = flow.details.skip.is_some();
        let mut change = SessionChange::default();
        if let (false, Some(id), Some(subject), Some(at)) = (
            skipped,
            &flow.record.session_id,
            &flow.record.subject,
            flow.authenticated_at(),
        ) {
            change.begin = Some(SessionRecord {
                id: id.clone(),
                subject: subject.clone(),
                authenticated_at: at,
                remember: flow.details.remember,
                expires_at: keep_session_until,
            });
            if !flow.details.remember {
                change.end = browser_session;
            }
        }
        if let (false, Some(subject)) = (
            flow.details.forced_identifier.is_empty(),
            &flow.record.subject,
        ) {
            change.forced_identifier = Some(ForcedIdentifier {
                client_id: flow.record.client_id.clone(),
                subject: subject.clone(),
                identifier: flow.details.forced_identifier.clone(),
            });
        }
        self.new_consent_step(&mut flow, skip_consent);
        let record = self.next_record(&flow)?;
        match self
            .store
            .take_login_verifier(record, expected, change)
            .await?
        {
            FlowWritten::Done => Ok(flow),
            FlowWritten::Changed => Err(FlowError::LoginNotReady {
                state: FlowState::LoginUsed.code(),
            }),
        }
    }
}

impl LoginReturn {
    /// The checks that need no more than the flow: rejected, expired, of another client.
    ///
    /// # Errors
    /// [`FlowError::Rejected`], [`FlowError::LoginExpired`], [`FlowError::OtherClient`].
    pub fn check(
        &self,
        client: &oauth_types::ClientId,
        max_age_secs: i64,
        now: Timestamp,
    ) -> Result<(), FlowError> {
        if let (FlowState::LoginRejected, Some(rejection)) =
            (self.flow.record.state, &self.flow.details.login_rejection)
        {
            return Err(FlowError::Rejected(rejection.clone()));
        }
        if self.flow.is_older_than(max_age_secs, now) {
            return Err(FlowError::LoginExpired);
        }
        // Hydra 2.0.3 does not compare these; later releases do, and so does this server.
        if self.flow.record.client_id != *client {
            return Err(FlowError::OtherClient);
        }
        Ok(())
    }
}
