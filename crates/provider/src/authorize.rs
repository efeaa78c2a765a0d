//! The authorization endpoint: three visits of one browser (RFC 6749 §3.1).

use std::sync::Arc;

use client_registry::Client;
use consent_flow::{
    Authentication, Flow, FlowError, Flows, LoginReturn, NewFlow, OidcContext, SessionRecord,
    client_subject,
};
use oauth_core::authorize::{
    Consented, Login, Refused, ReplyTo, ValidRequest, merged, reply_with, reply_with_error,
};
use oauth_core::{Authorized, is_secure_web_address};
use oauth_types::{ClientId, ErrorCode, OAuthError, Params, Prompt, SessionId, Timestamp};
use serde_json::{Map, Value};

use crate::cookies::CsrfStep;
use crate::{BrowserAnswer, BrowserRequest, CookieChange, Go, Policy, Provider};

/// How long a flow's row stays behind its time limit, so that a late visitor is told that it is
/// late and not that it never began: a day.
const KEEP_FLOWS_SECS: i64 = 86_400;

/// A visit: the request and what it is judged by.
struct Visit<'a> {
    request: ValidRequest,
    browser: &'a BrowserRequest<'a>,
    policy: &'a Policy,
    now: Timestamp,
}

/// An answer that ends a visit early; cookies set until then are sent all the same.
struct Stop {
    error: OAuthError,
    cookies: Vec<CookieChange>,
}

impl<E: Into<OAuthError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            cookies: Vec::new(),
        }
    }
}

impl Provider {
    /// The authorization endpoint. Errors are answers, too: they go to the client where it is known
    /// and trusted, else to the error page.
    pub async fn authorize(&self, browser: &BrowserRequest<'_>) -> BrowserAnswer {
        let policy = self.policy();
        let request = match self.valid_request(browser, &policy).await {
            Ok(request) => request,
            Err(refused) => return self.refuse(*refused, Vec::new(), &policy),
        };
        let visit = Visit {
            request,
            browser,
            policy: &policy,
            now: self.now(),
        };
        let verifier = |name: &str| visit.request.params.text(name).trim().to_owned();
        let (login, consent) = (verifier("login_verifier"), verifier("consent_verifier"));
        let outcome = if !login.is_empty() {
            self.back_from_login(&visit, &login).await
        } else if !consent.is_empty() {
            self.back_from_consent(&visit, &consent).await
        } else {
            self.first_visit(&visit).await
        };
        match outcome {
            Ok(answer) => answer,
            Err(stop) => {
                let refused = visit.request.refuse(stop.error);
                self.refuse(refused, stop.cookies, &policy)
            }
        }
    }

    async fn valid_request(
        &self,
        browser: &BrowserRequest<'_>,
        policy: &Policy,
    ) -> Result<ValidRequest, Box<Refused>> {
        let to_page = |error: OAuthError| Box::new(Refused { error, to: None });
        let params = merged(browser.query, &browser.form).map_err(to_page)?;
        let id = ClientId::new(params.text("client_id"));
        let client = match self.clients.fresh(&id).await {
            Ok(Some(client)) => client,
            Ok(None) => {
                return Err(to_page(
                    OAuthError::new(ErrorCode::InvalidClient)
                        .hint("The requested OAuth 2.0 Client does not exist.")
                        .debug("Unable to locate the resource"),
                ));
            }
            Err(error) => return Err(to_page(error.into())),
        };
        ValidRequest::check(client, params, &policy.tokens)
    }

    /// Sends an error where it belongs.
    pub(crate) fn refuse(
        &self,
        refused: Refused,
        cookies: Vec<CookieChange>,
        policy: &Policy,
    ) -> BrowserAnswer {
        log_failure(&refused.error);
        let expose = policy.expose_internal_errors;
        let go = match refused.to {
            Some(to) => reply_with_error(&to, &refused.error, expose).into(),
            None => error_page(&refused.error, policy),
        };
        BrowserAnswer { go, cookies }
    }

    async fn first_visit(&self, visit: &Visit<'_>) -> Result<BrowserAnswer, Stop> {
        let (request, policy, now) = (&visit.request, visit.policy, visit.now);
        let authentication = self.authentication(visit).await?;
        let skip = match authentication {
            Authentication::Skipped(session) => Some(session),
            Authentication::Needed => None,
        };
        if skip.is_none() && request.prompts.has(Prompt::None) {
            return Err(OAuthError::new(ErrorCode::LoginRequired)
                .hint("Prompt 'none' was requested, but no existing login session was found.")
                .into());
        }
        let hint = request.params.text("id_token_hint");
        let id_token_hint_claims = if hint.is_empty() {
            None
        } else {
            Some(self.hint_claims(hint, now).await?)
        };
        let words = |name: &str| match request.params.text(name) {
            "" => Vec::new(),
            text => text.split(' ').map(str::to_owned).collect(),
        };
        let new = NewFlow {
            client_id: request.client.id.clone(),
            requested_scope: request.scopes.to_vec(),
            requested_audience: request.audiences.to_vec(),
            request_url: request_url(visit.browser, &request.params, policy),
            oidc_context: OidcContext {
                acr_values: words("acr_values"),
                ui_locales: words("ui_locales"),
                display: request.params.text("display").to_owned(),
                login_hint: request.params.text("login_hint").to_owned(),
                id_token_hint_claims,
            },
            skip,
            keep_until: now
                .plus(policy.login_consent_lifespan)
                .plus_secs(KEEP_FLOWS_SECS),
        };
        let started = self.flows.start(new, now).await?;
        let challenge = started.challenge.as_str();
        let csrf = &started.csrf;
        Ok(BrowserAnswer {
            go: Go::App(with_param(&policy.urls.login, "login_challenge", challenge)),
            cookies: self.csrf_cookies(CsrfStep::Login, &request.client, csrf, policy, now)?,
        })
    }

    /// Whether the user has to log in (authorization document 6.2).
    async fn authentication(&self, visit: &Visit<'_>) -> Result<Authentication, Stop> {
        let (request, now) = (&visit.request, visit.now);
        if request.prompts.has(Prompt::Login) {
            return Ok(Authentication::Needed);
        }
        let cookie = self.session_cookie(visit.browser.cookies, &visit.policy.cookies);
        let Some(session) = self.flows.usable_session(cookie.as_ref()).await? else {
            return Ok(Authentication::Needed);
        };
        if let Some(max_age) = request.max_age()?
            && session.authenticated_at.plus_secs(max_age) < now
        {
            if request.prompts.has(Prompt::None) {
                return Err(OAuthError::new(ErrorCode::LoginRequired)
                    .hint(
                        "Request failed because prompt is set to 'none' and authentication time \
                         reached 'max_age'.",
                    )
                    .into());
            }
            return Ok(Authentication::Needed);
        }
        let hint = request.params.text("id_token_hint");
        if !hint.is_empty() {
            let claims = self.hint_claims(hint, now).await?;
            self.check_hint_is_of(&session, &claims, visit).await?;
        }
        Ok(Authentication::Skipped(session))
    }

    async fn hint_claims(
        &self,
        hint: &str,
        now: Timestamp,
    ) -> Result<Map<String, Value>, OAuthError> {
        self.core
            .read_id_token_hint(hint, now)
            .await?
            .map_err(|why| OAuthError::new(ErrorCode::InvalidRequest).hint(why))
    }

    /// The hint names the session's user: as itself, as its pairwise value for the client, or by an
    /// identifier that was forced for it.
    async fn check_hint_is_of(
        &self,
        session: &SessionRecord,
        claims: &Map<String, Value>,
        visit: &Visit<'_>,
    ) -> Result<(), Stop> {
        let hinted = claims
            .get("sub")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if hinted.is_empty() {
            return Err(OAuthError::new(ErrorCode::InvalidRequest)
                .hint(
                    "Failed to validate OpenID Connect request because provided id token from \
                     id_token_hint does not have a subject.",
                )
                .into());
        }
        let (client, subject) = (&visit.request.client, session.subject.as_str());
        let own = client_subject(client, subject, "", &visit.policy.subjects)?;
        if hinted == subject || hinted == own {
            return Ok(());
        }
        let forced = self
            .stores
            .flows
            .forced_identifier(&client.id, &session.subject)
            .await?;
        if forced.as_deref() == Some(hinted) {
            return Ok(());
        }
        Err(OAuthError::new(ErrorCode::LoginRequired)
            .hint(
                "Request failed because subject claim from id_token_hint does not match subject \
                 from authentication session.",
            )
            .into())
    }

    async fn back_from_login(
        &self,
        visit: &Visit<'_>,
        verifier: &str,
    ) -> Result<BrowserAnswer, Stop> {
        let (request, policy, now) = (&visit.request, visit.policy, visit.now);
        let returned = self.flows.return_from_login(verifier).await?;
        let cookie = self.session_cookie(visit.browser.cookies, &policy.cookies);
        let skip_consent = match self.check_login(&returned, visit).await {
            Ok(skip_consent) => skip_consent,
            Err(error) if error.is(ErrorCode::LoginRequired) => {
                let removed = self.change_session_cookie(&policy.cookies, None, now)?;
                let error = self.flows.refuse_login(returned, cookie, error).await;
                return Err(Stop {
                    error,
                    cookies: vec![removed],
                });
            }
            Err(error) => return Err(self.flows.refuse_login(returned, None, error).await.into()),
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
    async fn check_login(
        &self,
        returned: &LoginReturn,
        visit: &Visit<'_>,
    ) -> Result<bool, OAuthError> {
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
        let login = self.login_of(flow, client, policy)?;
        self.core
            .check_prompt(&request.prompt_check(), &login, &policy.tokens, now)
            .await?;
        self.may_skip_consent(flow, visit).await
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

    fn login_of(&self, flow: &Flow, client: &Client, policy: &Policy) -> Result<Login, FlowError> {
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

    async fn back_from_consent(
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
        let login = self.login_of(flow, client, policy)?;
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

    /// The client of a row, as it is now; it cannot be gone while the row is there.
    pub(crate) async fn client_of(&self, flow: &Flow) -> Result<Arc<Client>, OAuthError> {
        let client = self
            .clients
            .at(&flow.record.client_id, flow.client_version)
            .await?;
        client.ok_or_else(|| ErrorCode::ResourceNotFound.into())
    }
}

/// The address of the first visit: the configured endpoint with the query as it was sent, or, for a
/// POST, with all parameters.
///
/// Hydra forgets the parameters of a POST body; the flow could not go on.
fn request_url(browser: &BrowserRequest<'_>, params: &Params, policy: &Policy) -> String {
    let query = if browser.post {
        params.encode_sorted()
    } else {
        browser.query.to_owned()
    };
    if query.is_empty() {
        policy.urls.authorize.clone()
    } else {
        format!("{}?{query}", policy.urls.authorize)
    }
}

/// An address with one more parameter: its own query is kept, all is sorted, a fragment stays
/// behind.
pub(crate) fn with_param(url: &str, name: &str, value: &str) -> String {
    let (rest, fragment) = match url.split_once('#') {
        Some((rest, fragment)) => (rest, format!("#{fragment}")),
        None => (url, String::new()),
    };
    let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut params = Params::parse(query);
    params.set(name, value);
    format!("{base}?{}{fragment}", params.encode_sorted())
}

/// The error page with the error in its query.
pub(crate) fn error_page(error: &OAuthError, policy: &Policy) -> Go {
    let description = error.description(policy.expose_internal_errors);
    let url = with_param(&policy.urls.error, "error", error.name());
    Go::ErrorPage(with_param(&url, "error_description", &description))
}

/// Says in the log what callers are not told.
pub(crate) fn log_failure(error: &OAuthError) {
    if let Some(cause) = error.source() {
        tracing::error!(error = error.name(), cause, "a request failed inside");
    }
}

/// A refusal without a client to tell.
pub(crate) fn to_error_page(error: OAuthError) -> Refused {
    Refused {
        error,
        to: None::<ReplyTo>,
    }
}
