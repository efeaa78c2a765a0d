use provider::BrowserRequest;

use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `GET` and `POST /oauth2/auth` (RFC 6749 §3.1).
pub(crate) async fn authorize(state: &State, request: &Request) -> Response {
    let (cookies, raw_form) = (request.cookies(), request.raw_form());
    let answer = state
        .provider
        .authorize(&BrowserRequest {
            post: request.is_post(),
            query: &request.query,
            form: request.form(),
            raw_form: raw_form.as_deref(),
            path_and_query: &request.path_and_query(),
            cookies: &cookies,
        })
        .await;
    respond::browser(request, &answer, &state.provider.policy().cookies)
}
