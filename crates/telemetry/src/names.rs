//! Names of spans and fields, so that a query finds the same thing whoever logged it.
//!
//! ```
//! use telemetry::names::{field, span};
//! let span = tracing::info_span!(span::TOKEN, { field::CLIENT_ID } = "web");
//! let _inside = span.enter();
//! ```

/// Spans are named after the operation.
pub mod span {
    /// One HTTP request, whatever it asks for.
    pub const REQUEST: &str = "http.request";
    /// The authorization endpoint (RFC 6749 §3.1).
    pub const AUTHORIZE: &str = "oauth.authorize";
    /// The token endpoint (RFC 6749 §3.2).
    pub const TOKEN: &str = "oauth.token";
    /// Introspection (RFC 7662).
    pub const INTROSPECT: &str = "oauth.introspect";
    /// Revocation (RFC 7009).
    pub const REVOKE: &str = "oauth.revoke";
    /// Userinfo (OpenID Connect Core 1.0 §5.3).
    pub const USERINFO: &str = "oauth.userinfo";
}

/// Fields have dots, and their unit at the end.
pub mod field {
    /// The client that acts.
    pub const CLIENT_ID: &str = "client.id";
    /// The grant that codes and tokens belong to.
    pub const GRANT_ID: &str = "grant.id";
    /// What the caller calls its request (`X-Request-Id`), cut to a bearable length.
    pub const REQUEST_ID: &str = "request.id";
    /// Method of an HTTP request.
    pub const METHOD: &str = "http.method";
    /// Path of an HTTP request, without its query.
    pub const PATH: &str = "http.path";
    /// Status of an HTTP answer.
    pub const STATUS: &str = "http.status";
    /// Time until the answer, in microseconds.
    pub const TOOK_US: &str = "took_us";
    /// Size of a body, in bytes.
    pub const SIZE_BYTES: &str = "size_bytes";
    /// A lifespan, in seconds.
    pub const TTL_S: &str = "ttl_s";
    /// What went wrong.
    pub const ERROR: &str = "error";
}
