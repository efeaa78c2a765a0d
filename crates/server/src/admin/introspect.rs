use api_types::public::InactiveToken;
use http::StatusCode;
use provider::Introspection;

use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;
use crate::views;

/// `POST /admin/oauth2/introspect` (RFC 7662 §2).
///
/// Hydra: an active token is answered under the admin API's cache rule, an inactive one is never
/// stored; both have the media type of the token endpoint.
pub(crate) async fn introspect(state: &State, request: &Request) -> Response {
    match state.provider.introspect(&request.form()).await {
        Ok(Introspection::Inactive) => {
            let text = api_types::to_go_json(&InactiveToken::ANSWER) + "\n";
            respond::token_json(StatusCode::OK, text)
        }
        Ok(Introspection::Active(token)) => {
            let text = api_types::to_go_json(&views::introspection(&token)) + "\n";
            respond::body(StatusCode::OK, "application/json;charset=UTF-8", text)
        }
        Err(error) => error::token(&error, state.provider.policy().expose_internal_errors),
    }
}
