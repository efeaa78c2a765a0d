//! Handlers of the public listener.

pub(crate) mod authorize;
pub(crate) mod discovery;
pub(crate) mod fallbacks;
pub(crate) mod health;
pub(crate) mod logout;
pub(crate) mod registration;
pub(crate) mod revoke;
pub(crate) mod token;
pub(crate) mod userinfo;

use http::StatusCode;

use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `OPTIONS` on the routes that browsers may call from other origins.
///
/// Hydra: without CORS it is an empty 200 that names no methods.
pub(crate) async fn preflight(_: &State, _: &Request) -> Response {
    respond::empty(StatusCode::OK)
}
