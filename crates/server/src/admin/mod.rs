//! Handlers of the admin listener, which asks nobody who they are: the network has to.

pub(crate) mod clients;
pub(crate) mod flows;
pub(crate) mod introspect;
pub(crate) mod keys;
pub(crate) mod metrics;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod version;

use http::StatusCode;
use oauth_types::OAuthError;

use crate::error;
use crate::respond::{self, Response};

pub(crate) use crate::public::not_served;

/// 204, or the error.
fn no_content(outcome: Result<(), OAuthError>) -> Response {
    match outcome {
        Ok(()) => respond::empty(StatusCode::NO_CONTENT),
        Err(error) => error::api(&error),
    }
}
