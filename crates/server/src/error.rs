//! Renders errors as JSON, in the two forms that the endpoints use, and logs their causes once.

use api_types::ErrorBody;
use http::StatusCode;
use oauth_types::OAuthError;
use thiserror::Error;

use crate::respond::{self, Response};

/// Why a server cannot be made or cannot listen.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The table of routes contradicts itself; a fault of this crate.
    #[error("the routes exclude each other: {0}")]
    Routes(String),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address as it was given.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The error as the admin API, userinfo and discovery answer it: with a line break, debug text never
/// shown.
pub(crate) fn api(error: &OAuthError) -> Response {
    log(error);
    let mut text = text(error, false);
    text.push('\n');
    respond::body(status(error), "application/json", text)
}

/// The error as the token endpoint and its like answer it (RFC 6749 §5.2).
pub(crate) fn token(error: &OAuthError, expose: bool) -> Response {
    log(error);
    respond::token_json(status(error), text(error, expose))
}

fn text(error: &OAuthError, expose: bool) -> String {
    api_types::to_go_json(&ErrorBody::new(error, expose))
}

fn status(error: &OAuthError) -> StatusCode {
    // A login or consent app may choose any number; what is no status becomes 500.
    StatusCode::from_u16(error.status())
        .ok()
        .filter(|status| status.as_u16() >= 200)
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn log(error: &OAuthError) {
    if let Some(source) = error.source() {
        tracing::error!(
            error.name = error.name(),
            cause = source,
            "a request failed inside"
        );
    } else if error.status() >= 500 {
        tracing::error!(error.name = error.name(), cause = %error.description(true), "a request failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;
    use oauth_types::ErrorCode;

    #[test]
    fn both_forms_differ_in_headers_and_line_break() {
        let error = OAuthError::new(ErrorCode::NotAuthorized)
            .hint("<why>")
            .debug("inside");
        let api = api(&error);
        assert_eq!(api.status(), 401);
        assert_eq!(api.headers()[header::CONTENT_TYPE], "application/json");
        assert!(!api.headers().contains_key(header::CACHE_CONTROL));
        assert_eq!(
            api.body(),
            "{\"error\":\"The request could not be authorized\",\
             \"error_description\":\"\\u003cwhy\\u003e\"}\n"
        );
        let token = token(&error, true);
        assert_eq!(
            token.headers()[header::CONTENT_TYPE],
            "application/json;charset=UTF-8"
        );
        assert_eq!(token.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(token.headers()[header::PRAGMA], "no-cache");
        assert!(token.body().ends_with(b"inside\"}"));
    }

    #[test]
    fn an_impossible_status_becomes_500() {
        for (sent, shown) in [(0, 500), (100, 500), (403, 403), (999, 999), (1000, 500)] {
            let error = OAuthError::custom("x".into(), sent, "".into(), "".into(), "".into());
            assert_eq!(status(&error).as_u16(), shown);
        }
    }
}
