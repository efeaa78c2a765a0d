//! The part of the admin API that a login, consent and logout app needs: JSON shapes and calls.

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    DemoConfig,
    http_client::{Answer, Call},
    problem::Problem,
};

/// What the apps are told about the client.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ClientInfo {
    pub(crate) client_id: String,
    pub(crate) client_name: String,
    pub(crate) redirect_uris: Option<Vec<String>>,
    pub(crate) post_logout_redirect_uris: Option<Vec<String>>,
    /// A first-party client, whose users need not be asked. Newer servers only.
    pub(crate) skip_consent: bool,
}

impl ClientInfo {
    /// What to call the client; its id if it has no name.
    pub(crate) fn shown_name(&self) -> &str {
        match self.client_name.trim() {
            "" => &self.client_id,
            name => name,
        }
    }
}

/// Somebody is to be logged in.
#[derive(Deserialize)]
pub(crate) struct LoginRequest {
    /// The browser has a remembered login: accept `subject` without asking.
    pub(crate) skip: bool,
    pub(crate) subject: String,
    #[serde(default)]
    pub(crate) oidc_context: OidcContext,
    #[serde(default)]
    pub(crate) client: ClientInfo,
}

/// What the client said about the login it wants (OpenID Connect Core §3.1.2.1).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct OidcContext {
    pub(crate) acr_values: Vec<String>,
    pub(crate) login_hint: String,
}

/// The answer to a login request. Absent fields have the server's defaults.
#[derive(Default, Serialize)]
pub(crate) struct AcceptLogin {
    pub(crate) subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remember: Option<bool>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remember_for: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acr: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) amr: Vec<&'static str>,
}

/// A client wants something from somebody who is logged in.
#[derive(Deserialize)]
pub(crate) struct ConsentRequest {
    /// The same was granted before and is remembered: accept without asking.
    pub(crate) skip: bool,
    pub(crate) subject: String,
    #[serde(default)]
    pub(crate) requested_scope: Vec<String>,
    #[serde(default)]
    pub(crate) requested_access_token_audience: Vec<String>,
    #[serde(default)]
    pub(crate) client: ClientInfo,
}

/// The answer to a consent request.
#[derive(Serialize)]
pub(crate) struct AcceptConsent {
    pub(crate) grant_scope: Vec<String>,
    pub(crate) grant_access_token_audience: Vec<String>,
    pub(crate) session: ConsentSession,
    pub(crate) remember: bool,
    /// Seconds; 0 is for ever.
    pub(crate) remember_for: u32,
}

/// Claims to put into the tokens.
#[derive(Default, Serialize)]
pub(crate) struct ConsentSession {
    /// Shown by introspection as `ext`.
    pub(crate) access_token: Map<String, Value>,
    /// Part of the ID token and of userinfo.
    pub(crate) id_token: Map<String, Value>,
}

/// Somebody is to be logged out.
#[derive(Deserialize)]
pub(crate) struct LogoutRequest {
    pub(crate) subject: String,
    /// Missing if it was not a client that asked.
    #[serde(default)]
    pub(crate) client: Option<ClientInfo>,
}

/// The answer "no" to a login or consent request; goes to the client (RFC 6749 §4.1.2.1).
#[derive(Serialize)]
struct Reject {
    error: &'static str,
    error_description: &'static str,
    status_code: u16,
}

const DENIED: Reject = Reject {
    error: "access_denied",
    error_description: "The resource owner denied the request",
    status_code: 403,
};

#[derive(Deserialize)]
struct RedirectTo {
    redirect_to: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ApiError {
    error: String,
    error_description: String,
}

/// A request that was asked for by its challenge.
pub(crate) enum Asked<T> {
    /// It waits for an answer.
    Waiting(T),
    /// It was answered before (status 410); the browser goes on there.
    MovedOn(String),
}

/// The kinds of requests; each has its path and its parameter.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Login,
    Consent,
    Logout,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Consent => "consent",
            Self::Logout => "logout",
        }
    }

    /// The name of the parameter that holds the challenge.
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::Login => "login_challenge",
            Self::Consent => "consent_challenge",
            Self::Logout => "logout_challenge",
        }
    }
}

/// The admin API.
pub(crate) struct AdminApi {
    config: DemoConfig,
}

impl AdminApi {
    pub(crate) fn new(config: DemoConfig) -> Self {
        Self { config }
    }

    /// Asks what a challenge is about. `T` is the request type of the kind.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        kind: Kind,
        challenge: &str,
    ) -> Result<Asked<T>, Problem> {
        let answer = Call::get(self.url(kind, "", challenge)).send().await?;
        match answer.status {
            StatusCode::OK => Ok(Asked::Waiting(
                answer.json().ok_or_else(|| unreadable(&answer))?,
            )),
            StatusCode::GONE => Ok(Asked::MovedOn(redirect_of(&answer)?)),
            _ => Err(refusal(kind, &answer)),
        }
    }

    /// Says yes; returns where the browser goes on. `body` is the accept type of the kind.
    pub(crate) async fn accept(
        &self,
        kind: Kind,
        challenge: &str,
        body: &impl Serialize,
    ) -> Result<String, Problem> {
        let url = self.url(kind, "/accept", challenge);
        let answer = Call::json(Method::PUT, url, body).send().await?;
        match answer.status {
            StatusCode::OK | StatusCode::GONE => redirect_of(&answer),
            _ => Err(refusal(kind, &answer)),
        }
    }

    /// Says that the person does not want to; returns where the browser goes on. For a logout
    /// nobody is told, and the app itself decides: `None`.
    pub(crate) async fn reject(
        &self,
        kind: Kind,
        challenge: &str,
    ) -> Result<Option<String>, Problem> {
        let url = self.url(kind, "/reject", challenge);
        let answer = Call::json(Method::PUT, url, &DENIED).send().await?;
        match answer.status {
            StatusCode::OK => redirect_of(&answer).map(Some),
            StatusCode::NO_CONTENT => Ok(None),
            _ => Err(refusal(kind, &answer)),
        }
    }

    fn url(&self, kind: Kind, step: &str, challenge: &str) -> Url {
        let path = format!("/admin/oauth2/auth/requests/{}{step}", kind.name());
        let mut url = self.config.admin_url(&path);
        url.query_pairs_mut()
            .append_pair(kind.parameter(), challenge);
        url
    }
}

fn redirect_of(answer: &Answer) -> Result<String, Problem> {
    let to: RedirectTo = answer.json().ok_or_else(|| unreadable(answer))?;
    Ok(to.redirect_to)
}

fn unreadable(answer: &Answer) -> Problem {
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "Hydrus' answer cannot be read",
        "The admin port answered in a form that this app does not know. Is its address right?",
    )
    .with_detail(format!(
        "status {}: {}",
        answer.status.as_u16(),
        answer.excerpt()
    ))
}

fn refusal(kind: Kind, answer: &Answer) -> Problem {
    let what = kind.name();
    let said: ApiError = answer.json().unwrap_or_default();
    let detail = format!(
        "The admin API said {}: {} {}",
        answer.status, said.error, said.error_description
    );
    let (status, title, text) = match answer.status {
        StatusCode::NOT_FOUND => (
            StatusCode::NOT_FOUND,
            format!("This {what} request is unknown"),
            "It may have been finished or declined already, or its client was removed. Go back to \
             the application that sent you here and begin again.",
        ),
        StatusCode::CONFLICT => (
            StatusCode::CONFLICT,
            format!("This {what} request was already used"),
            "It can be answered only once. Go back to the application that sent you here and begin \
             again.",
        ),
        status if status.is_client_error() => (
            StatusCode::BAD_REQUEST,
            format!("Hydrus did not accept this {what}"),
            "Go back to the application that sent you here and begin again.",
        ),
        _ => (
            StatusCode::BAD_GATEWAY,
            format!("Hydrus could not handle this {what}"),
            "Try again in a moment.",
        ),
    };
    Problem::new(status, &title, text).with_detail(detail.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, shown: u16, title: &str) {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: http::HeaderMap::new(),
            body: body.to_owned().into(),
        };
        let problem = refusal(Kind::Login, &answer);
        assert_eq!(problem.status.as_u16(), shown, "{status}");
        assert_eq!(problem.title, title, "{status}");
    }

    #[test]
    fn refusals_of_the_admin_api_become_pages() {
        let not_found = r#"{"error":"Not Found","error_description":"Unable to locate"}"#;
        check(404, not_found, 404, "This login request is unknown");
        check(409, "{}", 409, "This login request was already used");
        check(400, "{}", 400, "Hydrus did not accept this login");
        check(500, "<html>", 502, "Hydrus could not handle this login");
    }

    #[test]
    fn a_skipped_login_is_accepted_with_the_subject_alone() {
        let body = AcceptLogin {
            subject: "u".into(),
            ..AcceptLogin::default()
        };
        assert_eq!(serde_json::to_string(&body).unwrap(), r#"{"subject":"u"}"#);
    }

    #[test]
    fn requests_are_read_with_and_without_their_optional_parts() {
        let full = r#"{"challenge":"c","requested_scope":["openid"],
            "requested_access_token_audience":[],"skip":false,"subject":"",
            "oidc_context":{"login_hint":"ann","acr_values":["1","2"]},
            "client":{"client_id":"x","client_name":"","redirect_uris":null},
            "request_url":"http://127.0.0.1/","session_id":"s"}"#;
        let login: LoginRequest = serde_json::from_str(full).unwrap();
        assert_eq!(login.oidc_context.login_hint, "ann");
        assert_eq!(login.client.shown_name(), "x");
        let op_initiated = r#"{"challenge":"c","subject":"u","request_url":"/","client":null}"#;
        let logout: LogoutRequest = serde_json::from_str(op_initiated).unwrap();
        assert!(logout.client.is_none());
    }
}
