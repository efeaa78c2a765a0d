use crate::reader::Reader;
use crate::schema::{Initial, Key, Kind, key};
use crate::word::words;

pub(crate) const KEYS: &[Key] = &[
    key(
        "serve.cookies.same_site_mode",
        Kind::OneOf(SameSite::WORDS),
        "SameSite of all cookies; in development mode None becomes Lax.",
    )
    .or(Initial::Text("None")),
    key(
        "serve.cookies.same_site_legacy_workaround",
        Kind::Bool,
        "With SameSite None also write CSRF cookies without SameSite, for old browsers.",
    )
    .or(Initial::Bool(false)),
    key(
        "serve.cookies.domain",
        Kind::Text,
        "Domain of all cookies; empty for this host alone.",
    )
    .or(Initial::Text("")),
    key(
        "serve.cookies.secure",
        Kind::Bool,
        "Secure in development mode; otherwise cookies are always Secure.",
    )
    .or(Initial::Bool(false)),
    key(
        "serve.cookies.names.login_csrf",
        Kind::Text,
        "Name of the CSRF cookie of logins.",
    )
    .or(Initial::Text("ory_hydra_login_csrf")),
    key(
        "serve.cookies.names.consent_csrf",
        Kind::Text,
        "Name of the CSRF cookie of consents.",
    )
    .or(Initial::Text("ory_hydra_consent_csrf")),
    key(
        "serve.cookies.names.session",
        Kind::Text,
        "Name of the session cookie.",
    )
    .or(Initial::Text("ory_hydra_session")),
];

words! {
    /// `SameSite` of a cookie (RFC 6265bis §4.1.2.7).
    SameSite {
        /// Never sent along with a request from elsewhere.
        Strict = "Strict",
        /// Sent along when a link is followed.
        Lax = "Lax",
        /// Always sent along.
        None = "None",
    } or None
}

/// `serve.cookies`, already adapted to development mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookies {
    /// `SameSite`; `Lax` for `None` in development mode.
    pub same_site: SameSite,
    /// Whether copies without `SameSite` are written; only ever true with `None`.
    pub legacy_copies: bool,
    /// `Domain`; empty for this host alone.
    pub domain: String,
    /// `Secure`; always true outside development mode.
    pub secure: bool,
    /// Name of the CSRF cookie of logins, before the suffix of the client; ends in `_dev` in
    /// development mode, as do the other two.
    pub login_csrf: String,
    /// Name of the CSRF cookie of consents, before the suffix of the client.
    pub consent_csrf: String,
    /// Name of the session cookie.
    pub session: String,
}

impl Cookies {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        let dev = read.flag("dev");
        let same_site = match SameSite::read(&read.text("serve.cookies.same_site_mode")) {
            SameSite::None if dev => SameSite::Lax,
            other => other,
        };
        let suffix = if dev { "_dev" } else { "" };
        let name = |which: &str| {
            let name = read.text(&format!("serve.cookies.names.{which}"));
            format!("{name}{suffix}")
        };
        Self {
            same_site,
            legacy_copies: same_site == SameSite::None
                && read.flag("serve.cookies.same_site_legacy_workaround"),
            domain: read.text("serve.cookies.domain"),
            secure: !dev || read.flag("serve.cookies.secure"),
            login_csrf: name("login_csrf"),
            consent_csrf: name("consent_csrf"),
            session: name("session"),
        }
    }
}
