//! The browser comes back to the authorization endpoint: from the login app, from the consent app.

use client_registry::Client;
use consent_flow::{Flow, FlowError, Flows, LoginReturn, client_subject};
use oauth_core::authorize::{Consented, Login, reply_with};
use oauth_core::{Authorized, is_secure_web_address};
use oauth_types::{ErrorCode, OAuthError, Prompt, SessionId, Timestamp};

use crate::authorize::{KEEP_FLOWS_SECS, Stop, Visit, with_param};
use crate::cookies::CsrfStep;
use crate::{BrowserAnswer, Go, Policy, Provider};

/// Why a login verifier buys nothing.
enum Unfit {
    /// The login is not what the request demanded.
    Prompt(OAuthError),
    /// The flow cannot go on: rejected, expired, another browser's.
    Flow(OAuthError),
}

impl<E: Into<OAuthError>> From<E> for Unfit {
    fn from(error: E) -> Self {
        Self::Flow(error.into())
    }
}

impl Provider {
    /// The second visit, with a login verifier (authorization document 6.5).
    pub(crate) async fn back_from_login(
        &self,
        visit: &Visit<'_>,
        verifier: &str,
    ) -> Result<BrowserAnswer, Stop> {
        let (request, policy, now) = (&visit.request, visit.policy, visit.now);
        let returned = self.flows.return_from_login(verifier).await?;
        let cookie = self.session_cookie(visit.browser.cookies, &policy.cookies);
        let skip_consent = match self.check_login(&returned, visit).await {
            Ok(skip_consent) => skip_consent,
            // A login that does not satisfy the request does not count: its session ends.
            Err(Unfit::Prompt(error)) if error.is(ErrorCode::LoginRequired) => {
                let removed = self.change_session_cookie(&policy.cookies, None, now)?;
                let error = self.flows.refuse_login(returned, cookie, error).await;
                return Err(Stop {
                    error,
                    cookies: vec![removed],
                });
            }
            Err(Unfit::Prompt(error) | Unfit::Flow(error)) => {
                return Err(self.flows.refuse_login(returned, None, error).await.into());
            }
        };
        if request.prompts.has(Prompt::None) && !skip_consent {
            let error = OAuthError::new(ErrorCode::ConsentRequired)
                .hint("Prompt 'none' was requested, but no previous consent was found.");
            return Err(self.flows.refuse_login(returned, None, error).await.into());
        }
        let remembered_for = returned.flow.details.remember_for;
        let remember = returned.flow.details.remember;
        let skipped = returned.flow.details.skip.is_some();
        let keep_until = if remember {
            Timestamp::NEVER
        } else {
            now.plus(policy.login_consent_lifespan)
                .plus_secs(KEEP_FLOWS_SECS)
        };
        let flow = self
            .flows
            .complete_login(returned, cookie, skip_consent, keep_until)
            .await?;
        let mut cookies = Vec::new();
        if !skipped {
            let session = flow.record.session_id.as_ref().filter(|_| remember);
            let session = session.map(|id| (id, remembered_for));
            cookies.push(self.change_session_cookie(&policy.cookies, session, now)?);
        }
        let csrf = &flow.details.consent_csrf;
        cookies.extend(self.csrf_cookies(CsrfStep::Consent, &request.client, csrf, policy, now)?);
        let challenge = flow
            .record
            .consent_challenge
            .as_ref()
            .map(ToString::to_string);
        let challenge = challenge.unwrap_or_default();
        Ok(BrowserAnswer {
            go: Go::App(with_param(
                &policy.urls.consent,
                "consent_challenge",
                &challenge,
            )),
            cookies,
        })
    }

    /// The checks between reading a login verifier and using it up; the answer is whether the
    /// consent may be skipped.
    async fn check_login(&self, returned: &LoginReturn, visit: &Visit<'_>) -> Result<bool, Unfit> {
        let (request, policy, now) = (&visit.request, visit.policy, visit.now);
        let flow = &returned.flow;
        let client = &request.client;
        returned.check(&client.id, policy.login_consent_lifespan.as_secs(), now)?;
        self.check_csrf(
            CsrfStep::Login,
            client,
            &flow.details.login_csrf,
            visit.browser.cookies,
            &policy.cookies,
        )?;
        let login = login_of(flow, client, policy)?;
        self.core
            .check_prompt(&request.prompt_check(), &login, &policy.tokens, now)
            .await
            .map_err(Unfit::Prompt)?;
        Ok(self.may_skip_consent(flow, visit).await?)
    }

    /// Whether a remembered consent answers this request (authorization document 7.2).
    async fn may_skip_consent(&self, flow: &Flow, visit: &Visit<'_>) -> Result<bool, OAuthError> {
        let request = &visit.request;
        let insecure =
            request.client.is_public() && !is_secure_web_address(&request.reply_to.redirect_uri);
        let Some(subject) = &flow.record.subject else {
            return Ok(false);
        };
        if request.prompts.has(Prompt::Consent) || insecure {
            return Ok(false);
        }
        let remembered = self
            .flows
            .remembered(subject, &request.client.id, visit.now)
            .await?;
        let strategy = visit.policy.tokens.scopes;
        Ok(remembered.is_some_and(|granted| {
            consent_flow::covers(
                &granted.scope,
                &flow.details.requested_scope,
                |given, wanted| strategy.admits(given, wanted),
            )
        }))
    }

    /// The third visit, with a consent verifier (authorization document 7.4).
    pub(crate) async fn back_from_consent(
        &self,
        visit: &Visit<'_>,
        verifier: &str,
    ) -> Result<BrowserAnswer, Stop> {
        let flow = self.flows.return_from_consent(verifier).await?;
        let issued = match self.check_consent(&flow, visit, verifier).await {
            Ok(consented) => {
                self.core
                    .issue(&visit.request, &consented, &visit.policy.tokens, visit.now)
                    .await
            }
            Err(error) => Err(error),
        };
        let issued = match issued {
            Ok(issued) => issued,
            Err(error) => return Err(self.flows.refuse_consent(flow, error).await.into()),
        };
        match self.stores.grants.authorize(issued.new).await? {
            Authorized::Done => {}
            Authorized::VerifierUsed => return Err(FlowError::ConsentNotReady.into()),
        }
        let reply = reply_with(&visit.request.reply_to, visit.request.mode, &issued.params);
        Ok(BrowserAnswer {
            go: reply.into(),
            cookies: Vec::new(),
        })
    }

    async fn check_consent(
        &self,
        flow: &Flow,
        visit: &Visit<'_>,
        verifier: &str,
    ) -> Result<Consented, OAuthError> {
        let (client, policy) = (&visit.request.client, visit.policy);
        let lifespan = policy.login_consent_lifespan.as_secs();
        Flows::check_consent(flow, &client.id, lifespan, visit.now)?;
        let csrf = &flow.details.consent_csrf;
        let cookies = visit.browser.cookies;
        if flow.details.authenticated_at.is_none() {
            return Err(OAuthError::new(ErrorCode::ServerError)
                .hint("The authenticatedAt value was not set."));
        }
        self.check_csrf(CsrfStep::Consent, client, csrf, cookies, &policy.cookies)?;
        let login = login_of(flow, client, policy)?;
        let (Some(challenge), Some(subject)) = (
            flow.record.consent_challenge.clone(),
            flow.record.subject.clone(),
        ) else {
            return Err(FlowError::UnknownConsentVerifier.into());
        };
        Ok(Consented {
            challenge,
            verifier: crypto::verifier_hash(verifier),
            subject,
            login,
            scope: flow.details.granted_scope.clone(),
            audience: flow.details.granted_audience.clone(),
            access_token_claims: flow.details.session.access_token.clone(),
            id_token_claims: flow.details.session.id_token.clone(),
            sid: flow
                .record
                .session_id
                .as_ref()
                .map(SessionId::to_string)
                .unwrap_or_default(),
            acr: flow.details.acr.clone(),
            amr: flow.details.amr.clone(),
        })
    }
}

/// The login of a flow, with the subject as the client sees it.
fn login_of(flow: &Flow, client: &Client, policy: &Policy) -> Result<Login, FlowError> {
    let subject = flow
        .record
        .subject
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let forced = &flow.details.forced_identifier;
    Ok(Login {
        client_subject: client_subject(client, &subject, forced, &policy.subjects)?,
        authenticated_at: flow.authenticated_at(),
        requested_at: flow.record.requested_at,
    })
}
