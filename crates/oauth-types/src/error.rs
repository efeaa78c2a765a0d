use std::borrow::Cow;
use std::fmt;

use crate::{ErrorCode, StoreError};

/// An error as a caller sees it, whatever the endpoint; the server only decides whether it becomes
/// JSON, a redirect or a page.
///
/// ```
/// use oauth_types::{ErrorCode, OAuthError};
/// let error = OAuthError::new(ErrorCode::InvalidClient).hint("No \"client\" of that name.");
/// assert!(error.description(false).ends_with(" No 'client' of that name."));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OAuthError(Box<Said>);

/// Behind a pointer, so that results stay small.
#[derive(Clone, PartialEq, Eq)]
struct Said {
    name: Cow<'static, str>,
    status: u16,
    description: Cow<'static, str>,
    hint: Cow<'static, str>,
    debug: String,
    source: Option<String>,
}

impl OAuthError {
    /// The error with its standing texts.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self(Box::new(Said {
            name: code.as_str().into(),
            status: code.status(),
            description: code.description().into(),
            hint: code.default_hint().into(),
            debug: String::new(),
            source: None,
        }))
    }

    /// An error in the words of a login or consent app; `status` is never shown to browsers.
    #[must_use]
    pub fn custom(
        name: String,
        status: u16,
        description: String,
        hint: String,
        debug: String,
    ) -> Self {
        Self(Box::new(Said {
            name: name.into(),
            status,
            description: description.into(),
            hint: hint.into(),
            debug,
            source: None,
        }))
    }

    /// Replaces the hint; an empty one takes the default away.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = hint.into();
        self
    }

    /// Sets the text that is shown only under `oauth2.expose_internal_errors`.
    #[must_use]
    pub fn debug(mut self, debug: impl Into<String>) -> Self {
        self.0.debug = debug.into();
        self
    }

    /// The value of `error`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it is this error of the catalogue.
    #[must_use]
    pub fn is(&self, code: ErrorCode) -> bool {
        self.0.name == code.as_str() && self.0.status == code.status()
    }

    /// The HTTP status of a JSON answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// What went wrong inside, to be logged once and never sent.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// The value of `error_description`: description, hint and, if `expose` is set, the debug text,
    /// joined by blanks, with `'` for every `"`.
    ///
    /// Hydra: an empty description keeps its place, so a lone hint begins with a blank; the errors
    /// whose texts come from the storage layer ([`ErrorCode::Malformed`] and its like) have no
    /// description and show their hint alone.
    #[must_use]
    pub fn description(&self, expose: bool) -> String {
        let mut out = self.0.description.to_string();
        if !self.0.hint.is_empty() {
            if !self.hint_is_description() {
                out.push(' ');
            }
            out.push_str(&self.0.hint);
        }
        if expose && !self.0.debug.is_empty() {
            out.push(' ');
            out.push_str(&self.0.debug);
        }
        out.replace('"', "'")
    }

    fn hint_is_description(&self) -> bool {
        const PLAIN: [ErrorCode; 5] = [
            ErrorCode::Malformed,
            ErrorCode::NotAuthorized,
            ErrorCode::Forbidden,
            ErrorCode::SwitchedOff,
            ErrorCode::BadRequest,
        ];
        self.0.description.is_empty() && PLAIN.iter().any(|code| self.is(*code))
    }
}

impl From<ErrorCode> for OAuthError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Busy => ErrorCode::TemporarilyUnavailable,
            StoreError::Conflict | StoreError::Corrupt { .. } | StoreError::Backend(_) => {
                ErrorCode::ServerError
            }
        };
        let mut answer = Self::new(code);
        answer.0.source = Some(match &error {
            StoreError::Backend(cause) => format!("{error}: {cause}"),
            _ => error.to_string(),
        });
        answer
    }
}

impl fmt::Debug for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: {}",
            self.0.status,
            self.0.name,
            self.description(true)
        )
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.name, self.description(false))
    }
}

impl std::error::Error for OAuthError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_composed_as_recorded() {
        let custom = |d: &str, h: &str| {
            OAuthError::custom("x".into(), 400, d.into(), h.into(), "why".into())
        };
        for (error, expose, text) in [
            (
                OAuthError::new(ErrorCode::InvalidScope),
                false,
                "The requested scope is invalid, unknown, or malformed.",
            ),
            (custom("d", "h"), false, "d h"),
            (custom("d", "h"), true, "d h why"),
            (custom("", "h"), false, " h"),
            (custom("", ""), false, ""),
            (OAuthError::new(ErrorCode::RowNotFound), false, ""),
            (
                OAuthError::new(ErrorCode::Malformed).hint("say \"x\""),
                false,
                "say 'x'",
            ),
        ] {
            assert_eq!(error.description(expose), text);
        }
    }
}
