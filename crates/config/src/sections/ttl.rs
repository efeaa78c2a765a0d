use oauth_types::Duration;

use crate::reader::Reader;
use crate::schema::{Initial, Key, Kind, key};

pub(crate) const KEYS: &[Key] = &[
    key(
        "ttl.login_consent_request",
        Kind::Duration,
        "Time to log in and to consent.",
    )
    .or(Initial::Text("30m")),
    key(
        "ttl.access_token",
        Kind::Duration,
        "Lifespan of access tokens.",
    )
    .or(Initial::Text("1h")),
    key(
        "ttl.refresh_token",
        Kind::DurationOrNever,
        "Lifespan of refresh tokens; -1 for no end.",
    )
    .or(Initial::Text("720h")),
    key("ttl.id_token", Kind::Duration, "Lifespan of ID tokens.").or(Initial::Text("1h")),
    key(
        "ttl.auth_code",
        Kind::Duration,
        "Lifespan of authorization codes.",
    )
    .or(Initial::Text("10m")),
];

/// `ttl.*`: lifespans, which a client may override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ttl {
    /// Time to log in and to consent.
    pub login_consent_request: Duration,
    /// Lifespan of access tokens.
    pub access_token: Duration,
    /// Lifespan of refresh tokens; `None` if they never expire.
    pub refresh_token: Option<Duration>,
    /// Lifespan of ID tokens.
    pub id_token: Duration,
    /// Lifespan of authorization codes.
    pub auth_code: Duration,
}

impl Ttl {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        Self {
            login_consent_request: read.duration("ttl.login_consent_request"),
            access_token: read.duration("ttl.access_token"),
            refresh_token: read.duration_or_never("ttl.refresh_token"),
            id_token: read.duration("ttl.id_token"),
            auth_code: read.duration("ttl.auth_code"),
        }
    }
}
