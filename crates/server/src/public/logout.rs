use provider::BrowserRequest;

use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `GET` and `POST /oauth2/sessions/logout` (OpenID Connect RP-Initiated Logout §2).
pub(crate) async fn logout(state: &State, request: &Request) -> Response {
    let (cookies, raw_form) = (request.cookies(), request.raw_form());
    let answer = state
        .provider
        .logout(&BrowserRequest {
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
