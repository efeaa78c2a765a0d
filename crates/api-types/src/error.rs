use oauth_types::OAuthError;
use serde::Serialize;

/// The body of every JSON error: exactly these two members (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// The error's name.
    pub error: String,
    /// A sentence for developers; may be empty.
    pub error_description: String,
}

impl ErrorBody {
    /// Tells an error; `expose` adds its debug text, which only the endpoints of the protocol do.
    #[must_use]
    pub fn new(error: &OAuthError, expose: bool) -> Self {
        Self {
            error: error.name().to_owned(),
            error_description: error.description(expose),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth_types::ErrorCode;

    #[test]
    fn errors_have_two_members_in_this_order() {
        let body = ErrorBody::new(&ErrorCode::RowNotFound.into(), false);
        assert_eq!(
            crate::to_go_json(&body),
            r#"{"error":"Unable to locate the resource","error_description":""}"#
        );
    }
}
