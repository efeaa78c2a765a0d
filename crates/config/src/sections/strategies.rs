use crate::reader::Reader;
use crate::schema::{Initial, Key, Kind, key};
use crate::word::words;

pub(crate) const KEYS: &[Key] = &[
    key(
        "strategies.scope",
        Kind::OneOf(ScopeStrategy::WORDS),
        "How a scope asked for is matched against those of the client.",
    )
    .or(Initial::Text("wildcard")),
    key(
        "strategies.access_token",
        Kind::OneOf(AccessTokenStrategy::WORDS),
        "Kind of access tokens.",
    )
    .or(Initial::Text("opaque")),
];

words! {
    /// `strategies.scope`: how scopes are matched.
    ScopeStrategy {
        /// Letter by letter.
        Exact = "exact",
        /// `*` in a scope of the client stands for a part between dots.
        Wildcard = "wildcard",
    } or Wildcard
}

words! {
    /// `strategies.access_token`: what access tokens are.
    AccessTokenStrategy {
        /// Random texts, to be introspected.
        Opaque = "opaque",
        /// Signed claims (RFC 9068).
        Jwt = "jwt",
    } or Opaque
}

/// `strategies.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strategies {
    /// How scopes are matched.
    pub scope: ScopeStrategy,
    /// What access tokens are.
    pub access_token: AccessTokenStrategy,
}

impl Strategies {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        Self {
            scope: ScopeStrategy::read(&read.text("strategies.scope")),
            access_token: AccessTokenStrategy::read(&read.text("strategies.access_token")),
        }
    }
}
