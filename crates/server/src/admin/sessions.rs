//! Remembered consents and login sessions.

use api_types::PageQuery;
use http::StatusCode;

use crate::admin::no_content;
use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;
use crate::views;

/// `GET /admin/oauth2/auth/sessions/consent`
pub(crate) async fn consents(state: &State, request: &Request) -> Response {
    let query = request.query_params();
    let page = PageQuery::parse(&query);
    let session = query.first("login_session_id");
    match state
        .provider
        .consent_sessions(query.text("subject"), session, page.page())
        .await
    {
        Ok(found) => {
            let list: Vec<_> = found.items.iter().map(views::consent_session).collect();
            let response = respond::json(StatusCode::OK, &list);
            // Hydra: an empty page has no headers of paging here.
            if list.is_empty() {
                response
            } else {
                respond::paged(response, request, page, found.total)
            }
        }
        Err(error) => error::api(&error),
    }
}

/// `DELETE /admin/oauth2/auth/sessions/consent`
pub(crate) async fn revoke_consents(state: &State, request: &Request) -> Response {
    let query = request.query_params();
    let (subject, client) = (query.text("subject"), query.text("client"));
    let all = query.text("all") == "true";
    no_content(state.provider.revoke_consents(subject, client, all).await)
}

/// `DELETE /admin/oauth2/auth/sessions/login`
pub(crate) async fn revoke_logins(state: &State, request: &Request) -> Response {
    let query = request.query_params();
    no_content(state.provider.revoke_logins(query.text("subject")).await)
}
