//! Ending login sessions in the browser (OpenID Connect RP-Initiated Logout, Front-Channel Logout).

use std::sync::Arc;

use client_registry::Client;
use consent_flow::{FlowError, NewLogout, SessionRecord};
use oauth_types::{ClientId, ErrorCode, FormBody, OAuthError, Params, SessionId, Timestamp};
use serde_json::{Map, Value};

use crate::authorize::{log_failure, refuse, to_error_page, with_param};
use crate::{BrowserAnswer, BrowserRequest, Go, Policy, Provider};

/// How long a logout request can be answered: a day. Hydra keeps them for ever.
const KEEP_LOGOUTS_SECS: i64 = 86_400;

impl Provider {
    /// The logout endpoint. Errors go to the error page.
    pub async fn logout(&self, browser: &BrowserRequest<'_>) -> BrowserAnswer {
        let policy = self.policy();
        match self.logout_visit(browser, &policy).await {
            Ok(answer) => answer,
            Err(error) => refuse(to_error_page(error), Vec::new(), &policy),
        }
    }

    async fn logout_visit(
        &self,
        browser: &BrowserRequest<'_>,
        policy: &Policy,
    ) -> Result<BrowserAnswer, OAuthError> {
        let verifier = Params::parse(browser.query)
            .text("logout_verifier")
            .to_owned();
        if !verifier.is_empty() {
            return self.complete_logout(browser, &verifier, policy).await;
        }
        let params = logout_params(browser)?;
        let hint = params.text("id_token_hint");
        if hint.is_empty() {
            return self.logout_from_here(browser, &params, policy).await;
        }
        self.logout_by_client(browser, hint, &params, policy).await
    }

    /// Without a hint: the browser's own session.
    async fn logout_from_here(
        &self,
        browser: &BrowserRequest<'_>,
        params: &Params,
        policy: &Policy,
    ) -> Result<BrowserAnswer, OAuthError> {
        for name in ["state", "post_logout_redirect_uri"] {
            if !params.text(name).is_empty() {
                return Err(OAuthError::new(ErrorCode::InvalidRequest).hint(format!(
                    "Logout failed because query parameter {name} is set but id_token_hint is \
                     missing."
                )));
            }
        }
        let target = policy.urls.post_logout.clone();
        let cookie = self.session_cookie(browser.cookies, &policy.cookies);
        match self.flows.usable_session(cookie.as_ref()).await? {
            None => Ok(to_target(target)),
            Some(session) => {
                self.ask_the_user(browser, session, None, target, policy)
                    .await
            }
        }
    }

    /// With a hint: the session that it names, whatever the browser holds.
    async fn logout_by_client(
        &self,
        browser: &BrowserRequest<'_>,
        hint: &str,
        params: &Params,
        policy: &Policy,
    ) -> Result<BrowserAnswer, OAuthError> {
        let now = self.now();
        let refuse = |hint: String| OAuthError::new(ErrorCode::InvalidRequest).hint(hint);
        let claims = self
            .core
            .read_id_token_hint(hint, now)
            .await?
            .map_err(refuse)?;
        let sid = check_hint(&claims, policy, now)?;
        let client = self.first_client(&claims).await?;
        let asked = params.text("post_logout_redirect_uri");
        let target = if asked.is_empty() {
            policy.urls.post_logout.clone()
        } else {
            if !client
                .post_logout_redirect_uris
                .iter()
                .any(|uri| uri == asked)
            {
                return Err(refuse(
                    "Logout failed because query parameter post_logout_redirect_uri is not a \
                     whitelisted as a post_logout_redirect_uri for the client."
                        .into(),
                ));
            }
            match params.text("state") {
                "" => asked.to_owned(),
                state => with_param(asked, "state", state),
            }
        };
        match self.flows.usable_session(Some(&sid)).await? {
            None => Ok(to_target(target)),
            Some(session) => {
                self.ask_the_user(browser, session, Some(client), target, policy)
                    .await
            }
        }
    }

    /// The first audience of the hint that is a client. Hydra stops at the first that is none.
    async fn first_client(&self, claims: &Map<String, Value>) -> Result<Arc<Client>, OAuthError> {
        let audiences: Vec<&str> = match claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        for audience in audiences {
            if let Some(client) = self.clients.fresh(&ClientId::new(audience)).await? {
                return Ok(client);
            }
        }
        Err(OAuthError::new(ErrorCode::InvalidRequest).hint(
            "Logout failed because none of the listed audiences is a registered OAuth 2.0 Client.",
        ))
    }

    async fn ask_the_user(
        &self,
        browser: &BrowserRequest<'_>,
        session: SessionRecord,
        client: Option<Arc<Client>>,
        target: String,
        policy: &Policy,
    ) -> Result<BrowserAnswer, OAuthError> {
        let now = self.now();
        let new = NewLogout {
            client_id: client.map(|c| c.id.clone()),
            subject: session.subject,
            session_id: session.id,
            request_url: browser.path_and_query.to_owned(),
            target,
            keep_until: now.plus_secs(KEEP_LOGOUTS_SECS),
        };
        let challenge = self.flows.start_logout(new, now).await?;
        let url = with_param(&policy.urls.logout, "logout_challenge", challenge.as_str());
        Ok(BrowserAnswer {
            go: Go::App(url),
            cookies: Vec::new(),
        })
    }

    /// Back from the logout app (authorization document 10.4).
    async fn complete_logout(
        &self,
        browser: &BrowserRequest<'_>,
        verifier: &str,
        policy: &Policy,
    ) -> Result<BrowserAnswer, OAuthError> {
        let (logout, first) = self.flows.take_logout(verifier).await?;
        let record = &logout.record;
        if !first {
            return Ok(to_target(logout.target));
        }
        if record.client_id.is_none() {
            let cookie = self.session_cookie(browser.cookies, &policy.cookies);
            let session = self.flows.usable_session(cookie.as_ref()).await?;
            if session.is_none_or(|session| session.subject != record.subject) {
                return Ok(to_target(logout.target));
            }
        }
        let removed = self.change_session_cookie(&policy.cookies, None, self.now())?;
        let frames = self.front_channel(&record.session_id, policy).await?;
        // A session that ended meanwhile is as good as one that ends now.
        self.stores.flows.end_session(&record.session_id).await?;
        let go = if frames.is_empty() {
            Go::Target(logout.target)
        } else {
            Go::FrontChannel {
                frames,
                target: logout.target,
            }
        };
        Ok(BrowserAnswer {
            go,
            cookies: vec![removed],
        })
    }

    /// The addresses of all clients that used the session and want to be told by a frame.
    async fn front_channel(
        &self,
        session: &SessionId,
        policy: &Policy,
    ) -> Result<Vec<String>, OAuthError> {
        let mut frames = Vec::new();
        for id in self.stores.flows.clients_of_session(session).await? {
            let Some(client) = self.clients.fresh(&id).await? else {
                continue;
            };
            if !client.frontchannel_logout_uri.is_empty() {
                let issuer = &policy.tokens.issuer;
                let url = with_param(&client.frontchannel_logout_uri, "iss", issuer);
                frames.push(with_param(&url, "sid", session.as_str()));
            }
        }
        Ok(frames)
    }

    /// The request that a logout app asks for.
    ///
    /// # Errors
    /// 404 if there is none or it was rejected.
    pub async fn logout_request(
        &self,
        challenge: &str,
    ) -> Result<consent_flow::Requested<consent_flow::LogoutRequest>, OAuthError> {
        let logout = self.flows.find_logout(&challenge.into()).await?;
        if logout.record.used {
            return Ok(consent_flow::Requested::Gone {
                redirect_to: logout.request_url,
            });
        }
        let client = match &logout.record.client_id {
            Some(id) => Some(
                self.clients
                    .fresh(id)
                    .await?
                    .ok_or(OAuthError::new(ErrorCode::RowNotFound))?,
            ),
            None => None,
        };
        Ok(consent_flow::Requested::Open(logout.request(client)))
    }

    /// Accepts a logout; returns where the browser goes on.
    ///
    /// # Errors
    /// 404 if there is none.
    pub async fn accept_logout(&self, challenge: &str) -> Result<String, OAuthError> {
        let logout = self.flows.accept_logout(&challenge.into()).await?;
        let base = self.policy().urls.public.clone();
        let url = format!("{}/oauth2/sessions/logout", base.trim_end_matches('/'));
        Ok(with_param(&url, "logout_verifier", logout.verifier()))
    }

    /// Rejects a logout.
    ///
    /// # Errors
    /// 404 if there is none.
    pub async fn reject_logout(&self, challenge: &str) -> Result<(), OAuthError> {
        let outcome = self.flows.reject_logout(&challenge.into()).await;
        outcome.map_err(|error: FlowError| {
            let error = OAuthError::from(error);
            log_failure(&error);
            error
        })
    }
}

/// The parameters of a logout: a url-encoded body first, then the query. Hydra: here, unlike at the
/// authorization endpoint, one broken pair spoils the request.
fn logout_params(browser: &BrowserRequest<'_>) -> Result<Params, OAuthError> {
    let method = if browser.post { "POST" } else { "GET" };
    let broken = || {
        OAuthError::new(ErrorCode::InvalidRequest).hint(format!(
            "Logout failed because the '{method}' request could not be parsed."
        ))
    };
    let query = Params::parse_strictly(browser.query).ok_or_else(broken)?;
    let mut params = match browser.raw_form.filter(|_| browser.post) {
        Some(raw) => Params::parse_strictly(raw).ok_or_else(broken)?,
        None => Params::default(),
    };
    if browser.post && browser.form == FormBody::Broken && browser.raw_form.is_some() {
        return Err(broken());
    }
    params.extend(query);
    Ok(params)
}

/// Checks what a logout demands of a hint beyond its signature; returns the session.
fn check_hint(
    claims: &Map<String, Value>,
    policy: &Policy,
    now: Timestamp,
) -> Result<SessionId, OAuthError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let refuse = |hint: String| Err(OAuthError::new(ErrorCode::InvalidRequest).hint(hint));
    let (issuer, ours) = (text("iss"), &policy.tokens.issuer);
    if issuer != ours {
        return refuse(format!(
            "Logout failed because issuer claim value '{issuer}' from query parameter \
             id_token_hint does not match with issuer value from configuration '{ours}'."
        ));
    }
    if claims
        .get("iat")
        .and_then(Value::as_f64)
        .is_none_or(|iat| iat < 1.0)
    {
        return refuse(format!(
            "Logout failed because iat claim value '0' from query parameter id_token_hint is \
             before now ('{}').",
            now.as_secs()
        ));
    }
    for name in ["sid", "sub"] {
        if text(name).is_empty() {
            return refuse(format!(
                "Logout failed because query parameter id_token_hint is missing {name} claim."
            ));
        }
    }
    Ok(SessionId::new(text("sid")))
}

fn to_target(target: String) -> BrowserAnswer {
    BrowserAnswer {
        go: Go::Target(target),
        cookies: Vec::new(),
    }
}
