use api_types::public::TokenResponse;
use http::StatusCode;
use oauth_types::Secret;

use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `POST /oauth2/token` (RFC 6749 §3.2). Never a `WWW-Authenticate`, not even with 401.
pub(crate) async fn token(state: &State, request: &Request) -> Response {
    let authorization = request.authorization();
    match state
        .provider
        .token(&request.form(), authorization.as_deref())
        .await
    {
        Ok(bought) => {
            let body = TokenResponse {
                access_token: bought.access_token.expose(),
                expires_in: bought.expires_in,
                id_token: bought.id_token.as_deref(),
                refresh_token: bought.refresh_token.as_ref().map(Secret::expose),
                scope: &bought.scope,
                token_type: "bearer",
            };
            respond::token_json(StatusCode::OK, api_types::to_go_json(&body))
        }
        Err(error) => error::token(&error, state.provider.policy().expose_internal_errors),
    }
}
