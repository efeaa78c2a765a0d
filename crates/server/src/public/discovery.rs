use http::StatusCode;

use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;
use crate::views::{self, Algs};

/// `GET /.well-known/openid-configuration` (OpenID Connect Discovery §4).
pub(crate) async fn document(state: &State, _: &Request) -> Response {
    match state.provider.discovery().await {
        Ok(found) => {
            let algs = Algs::of(&found);
            respond::json(StatusCode::OK, &views::discovery(&found, &algs))
        }
        Err(error) => error::api(&error),
    }
}

/// `GET /.well-known/jwks.json` (RFC 7517 §5).
pub(crate) async fn jwks(state: &State, _: &Request) -> Response {
    match state.provider.jwks().await {
        Ok(keys) => respond::json_text(StatusCode::OK, keys.to_string()),
        Err(error) => error::api(&error),
    }
}
