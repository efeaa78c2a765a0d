//! The authorization endpoint: three visits of one browser (RFC 6749 §3.1).

use std::sync::Arc;

use client_registry::Client;
use consent_flow::{Authentication, Flow, NewFlow, OidcContext, SessionRecord, client_subject};
use oauth_core::authorize::{Refused, ReplyTo, ValidRequest, merged, reply_with_error};
use oauth_types::{ClientId, ErrorCode, OAuthError, Params, Prompt, Timestamp};
use serde_json::{Map, Value};

use crate::cookies::CsrfStep;
use crate::{BrowserAnswer, BrowserRequest, CookieChange, Go, Policy, Provider};

/// How long a flow's row stays behind its time limit, so that a late visitor is told that it is
/// late and not that it never began: a day.
pub(crate) const KEEP_FLOWS_SECS: i64 = 86_400;

/// A visit: the request and what it is judged by.
pub(crate) struct Visit<'a> {
    pub(crate) request: ValidRequest,
    pub(crate) browser: &'a BrowserRequest<'a>,
    pub(crate) policy: &'a Policy,
    pub(crate) now: Timestamp,
}

/// An answer that ends a visit early; cookies set until then are sent all the same.
pub(crate) struct Stop {
    pub(crate) error: OAuthError,
    pub(crate) cookies: Vec<CookieChange>,
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
            Err(refused) => return refuse(*refused, Vec::new(), &policy),
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
                refuse(refused, stop.cookies, &policy)
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

    /// The client of a row, as it is now; it cannot be gone while the row is there.
    pub(crate) async fn client_of(&self, flow: &Flow) -> Result<Arc<Client>, OAuthError> {
        let client = self
            .clients
            .at(&flow.record.client_id, flow.client_version)
            .await?;
        client.ok_or_else(|| ErrorCode::ResourceNotFound.into())
    }
}

/// Sends an error where it belongs.
pub(crate) fn refuse(
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
