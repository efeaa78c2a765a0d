use http::StatusCode;

use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `POST /oauth2/revoke` (RFC 7009 §2).
///
/// Hydra: only requests that cannot be understood and clients that fail to prove themselves are told
/// so; whatever else goes wrong is answered like success.
pub(crate) async fn revoke(state: &State, request: &Request) -> Response {
    let authorization = request.authorization();
    match state
        .provider
        .revoke(&request.form(), authorization.as_deref())
        .await
    {
        Ok(()) => respond::no_store(respond::empty(StatusCode::OK)),
        Err(error) => error::token(&error, false),
    }
}
