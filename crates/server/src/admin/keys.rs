use std::sync::Arc;

use http::StatusCode;
use oauth_types::OAuthError;

use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `GET /admin/keys/{set}`
pub(crate) async fn set(state: &State, request: &Request) -> Response {
    keys(state.provider.key_set(request.params.at(0)).await)
}

/// `GET /admin/keys/{set}/{kid}`
pub(crate) async fn key(state: &State, request: &Request) -> Response {
    keys(
        state
            .provider
            .key(request.params.at(0), request.params.at(1))
            .await,
    )
}

fn keys(found: Result<Arc<str>, OAuthError>) -> Response {
    match found {
        Ok(keys) => respond::json_text(StatusCode::OK, keys.to_string()),
        Err(error) => error::api(&error),
    }
}
