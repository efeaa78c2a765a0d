//! Pages that stand in for those that are not configured.

use http::StatusCode;

use crate::extract::Request;
use crate::pages::Fallback;
use crate::respond::{self, Response};
use crate::state::State;

const MISSING: &str = "The request could not be executed because a mandatory configuration key is missing or malformed";

/// `GET /oauth2/fallbacks/login`
pub(crate) async fn login(_: &State, _: &Request) -> Response {
    missing("urls.login")
}

/// `GET /oauth2/fallbacks/consent`
pub(crate) async fn consent(_: &State, _: &Request) -> Response {
    missing("urls.consent")
}

/// `GET /oauth2/fallbacks/logout`
pub(crate) async fn logout(_: &State, _: &Request) -> Response {
    missing("urls.logout")
}

/// `GET /oauth2/fallbacks/logout/callback`
pub(crate) async fn logout_callback(_: &State, _: &Request) -> Response {
    let page = Fallback {
        title: "You logged out successfully!",
        heading: "The Default Post Logout URL is not set which is why you are seeing this fallback \
                  page. Your log out request however succeeded.",
        key: "urls.post_logout_redirect",
        details: Vec::new(),
    };
    respond::page(StatusCode::OK, page.html())
}

/// `GET /oauth2/fallbacks/error`: shows what no client could be told.
pub(crate) async fn error(_: &State, request: &Request) -> Response {
    let params = request.query_params();
    let detail = |label, name| (label, params.text(name).to_owned());
    let page = Fallback {
        title: "An OAuth 2.0 Error Occurred",
        heading: "The OAuth2 request resulted in an error.",
        key: "urls.error",
        details: vec![
            detail("Error", "error"),
            detail("Description", "error_description"),
            detail("Hint", "error_hint"),
            detail("Debug", "error_debug"),
        ],
    };
    respond::page(StatusCode::INTERNAL_SERVER_ERROR, page.html())
}

fn missing(key: &str) -> Response {
    let page = Fallback {
        title: MISSING,
        heading: MISSING,
        key,
        details: Vec::new(),
    };
    respond::page(StatusCode::OK, page.html())
}
