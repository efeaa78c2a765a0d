//! Login, consent and logout requests, for the apps that decide them.

use api_types::admin::{AcceptConsentBody, AcceptLoginBody, RedirectTo, RejectBody};
use api_types::to_go_json;
use http::StatusCode;
use oauth_types::OAuthError;
use provider::Requested;

use crate::admin::no_content;
use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;
use crate::views;

/// `GET /admin/oauth2/auth/requests/login`
pub(crate) async fn login(state: &State, request: &Request) -> Response {
    let challenge = challenge(request, "login_challenge");
    requested(state.provider.login_request(&challenge).await, |open| {
        to_go_json(&views::login_request(open))
    })
}

/// `PUT /admin/oauth2/auth/requests/login/accept`
pub(crate) async fn accept_login(state: &State, request: &Request) -> Response {
    let challenge = challenge(request, "login_challenge");
    let body = request.json::<AcceptLoginBody>().map(views::accept_login);
    redirect_to(state.provider.accept_login(&challenge, body).await)
}

/// `PUT /admin/oauth2/auth/requests/login/reject`
pub(crate) async fn reject_login(state: &State, request: &Request) -> Response {
    let challenge = challenge(request, "login_challenge");
    let body = request.json::<RejectBody>().map(views::rejection);
    redirect_to(state.provider.reject_login(&challenge, body).await)
}

/// `GET /admin/oauth2/auth/requests/consent`
pub(crate) async fn consent(state: &State, request: &Request) -> Response {
    let challenge = challenge(request, "consent_challenge");
    requested(state.provider.consent_request(&challenge).await, |open| {
        to_go_json(&views::consent_request(open))
    })
}

/// `PUT /admin/oauth2/auth/requests/consent/accept`
pub(crate) async fn accept_consent(state: &State, request: &Request) -> Response {
    let challenge = challenge(request, "consent_challenge");
    let body = request
        .json::<AcceptConsentBody>()
        .map(views::accept_consent);
    redirect_to(state.provider.accept_consent(&challenge, body).await)
}

/// `PUT /admin/oauth2/auth/requests/consent/reject`
pub(crate) async fn reject_consent(state: &State, request: &Request) -> Response {
    let challenge = challenge(request, "consent_challenge");
    let body = request.json::<RejectBody>().map(views::rejection);
    redirect_to(state.provider.reject_consent(&challenge, body).await)
}

/// `GET /admin/oauth2/auth/requests/logout`
pub(crate) async fn logout(state: &State, request: &Request) -> Response {
    let challenge = challenge(request, "logout_challenge");
    requested(state.provider.logout_request(&challenge).await, |open| {
        to_go_json(&views::logout_request(open))
    })
}

/// `PUT /admin/oauth2/auth/requests/logout/accept`; a body is not read.
pub(crate) async fn accept_logout(state: &State, request: &Request) -> Response {
    let challenge = challenge(request, "logout_challenge");
    redirect_to(state.provider.accept_logout(&challenge).await)
}

/// `PUT /admin/oauth2/auth/requests/logout/reject`; a body is not read.
pub(crate) async fn reject_logout(state: &State, request: &Request) -> Response {
    let challenge = challenge(request, "logout_challenge");
    no_content(state.provider.reject_logout(&challenge).await)
}

/// The challenge under its own name, or under the old one that all of them share.
fn challenge(request: &Request, name: &str) -> String {
    let query = request.query_params();
    let own = query.text(name);
    if own.is_empty() {
        query.text("challenge")
    } else {
        own
    }
    .to_owned()
}

/// 200 with the request; 410 with the way to begin anew once it was used.
fn requested<T>(
    outcome: Result<Requested<T>, OAuthError>,
    view: impl FnOnce(&T) -> String,
) -> Response {
    match outcome {
        Ok(Requested::Open(open)) => respond::json_text(StatusCode::OK, view(&open)),
        Ok(Requested::Gone { redirect_to }) => respond::json(
            StatusCode::GONE,
            &RedirectTo {
                redirect_to: &redirect_to,
            },
        ),
        Err(error) => error::api(&error),
    }
}

fn redirect_to(outcome: Result<String, OAuthError>) -> Response {
    match outcome {
        Ok(redirect_to) => respond::json(
            StatusCode::OK,
            &RedirectTo {
                redirect_to: &redirect_to,
            },
        ),
        Err(error) => error::api(&error),
    }
}
