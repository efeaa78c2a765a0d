//! Handlers of the admin listener, which asks nobody who they are: the network has to.

pub(crate) mod clients;
pub(crate) mod flows;
pub(crate) mod introspect;
pub(crate) mod keys;
pub(crate) mod metrics;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod trust;
pub(crate) mod version;

use http::StatusCode;
use oauth_types::{ErrorCode, OAuthError};

use crate::error;
use crate::respond::{self, Response};

/// The error of a body that cannot be decoded.
fn undecodable(why: &str) -> OAuthError {
    let hint = format!("Unable to decode the request body: {why}");
    OAuthError::new(ErrorCode::Malformed).hint(hint)
}

/// 204, or the error.
fn no_content(outcome: Result<(), OAuthError>) -> Response {
    match outcome {
        Ok(()) => respond::empty(StatusCode::NO_CONTENT),
        Err(error) => error::api(&error),
    }
}
