use crate::reader::Reader;
use crate::schema::{Key, Kind, key};
use crate::sections::serve::{Interface, Serve};
use crate::uri::scheme;

pub(crate) const KEYS: &[Key] = &[
    key(
        "urls.self.issuer",
        Kind::Uri,
        "The issuer, used as written; https outside development.",
    ),
    key(
        "urls.self.public",
        Kind::Uri,
        "URL of the public endpoints, if not the issuer.",
    ),
    key(
        "urls.self.admin",
        Kind::Uri,
        "URL of the endpoints for administrators.",
    ),
    key("urls.login", Kind::UriReference, "Page of the login app."),
    key(
        "urls.consent",
        Kind::UriReference,
        "Page of the consent app.",
    ),
    key(
        "urls.logout",
        Kind::UriReference,
        "Page that asks whether to log out.",
    ),
    key(
        "urls.error",
        Kind::UriReference,
        "Page that shows errors which no client can.",
    ),
    key(
        "urls.post_logout_redirect",
        Kind::UriReference,
        "Page after a logout that names no other.",
    ),
];

/// All URLs of the server and of the pages around it, with every fallback applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    issuer: String,
    public: String,
    admin: String,
    login: String,
    consent: String,
    logout: String,
    error: String,
    post_logout_redirect: String,
    auth_url: String,
    token_url: String,
    userinfo_url: String,
    jwks_url: String,
    client_registration_url: Option<String>,
}

impl Urls {
    pub(crate) fn read(read: &Reader<'_>, serve: &Serve, dev: bool) -> Self {
        let given = |path: &str| read.option(path).filter(|text| !text.is_empty());
        let issuer = given("urls.self.issuer").unwrap_or_else(|| fallback(&serve.public, dev));
        let public = given("urls.self.public").unwrap_or_else(|| issuer.clone());
        let public = with_path(&public);
        let admin = given("urls.self.admin").unwrap_or_else(|| fallback(&serve.admin, dev));

        // Hydra: login and consent take any reference; the other pages must be absolute or begin
        // with a slash, and a fragment becomes part of what is before it.
        let page = |name: &str| join(&public, &format!("oauth2/fallbacks/{name}"));
        let reference = |name: &str| {
            let url = given(&format!("urls.{name}")).map(|url| with_path(&url));
            url.unwrap_or_else(|| page(name))
        };
        let request_uri = |path: &str| {
            let url = given(path).filter(|url| is_request_uri(url))?;
            Some(with_path(&url).replace('#', "%23"))
        };
        let discovery = |name: &str, base: &str, path: &str| {
            let url = given(&format!("webfinger.oidc_discovery.{name}"));
            url.filter(|url| is_request_uri(url))
                .unwrap_or_else(|| join(base, path))
        };
        Self {
            login: reference("login"),
            consent: reference("consent"),
            logout: request_uri("urls.logout").unwrap_or_else(|| page("logout")),
            error: request_uri("urls.error").unwrap_or_else(|| page("error")),
            post_logout_redirect: request_uri("urls.post_logout_redirect")
                .unwrap_or_else(|| page("logout/callback")),
            auth_url: discovery("auth_url", &public, "oauth2/auth"),
            token_url: discovery("token_url", &public, "oauth2/token"),
            userinfo_url: discovery("userinfo_url", &public, "userinfo"),
            jwks_url: discovery("jwks_url", &issuer, ".well-known/jwks.json"),
            client_registration_url: given("webfinger.oidc_discovery.client_registration_url")
                .filter(|url| is_request_uri(url)),
            admin: with_path(&admin),
            public,
            issuer,
        }
    }

    /// `issuer` exactly as configured (OpenID Connect Discovery 1.0 §3).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// URL of the public endpoints; its path is at least `/`.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// URL of the endpoints for administrators; its path is at least `/`.
    #[must_use]
    pub fn admin(&self) -> &str {
        &self.admin
    }

    /// Page of the login app, possibly relative, with its own query and fragment.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }

    /// Page of the consent app, possibly relative, with its own query and fragment.
    #[must_use]
    pub fn consent(&self) -> &str {
        &self.consent
    }

    /// Page that asks whether to log out; absolute or with a leading slash.
    #[must_use]
    pub fn logout(&self) -> &str {
        &self.logout
    }

    /// Page that shows errors; absolute or with a leading slash.
    #[must_use]
    pub fn error(&self) -> &str {
        &self.error
    }

    /// Page after a logout that names no other.
    #[must_use]
    pub fn post_logout_redirect(&self) -> &str {
        &self.post_logout_redirect
    }

    /// `authorization_endpoint`; request URLs and the returns of flows are built on it, too.
    #[must_use]
    pub fn auth_url(&self) -> &str {
        &self.auth_url
    }

    /// `token_endpoint` of the discovery document; see [`Urls::token_audience`].
    #[must_use]
    pub fn token_url(&self) -> &str {
        &self.token_url
    }

    /// `userinfo_endpoint`.
    #[must_use]
    pub fn userinfo_url(&self) -> &str {
        &self.userinfo_url
    }

    /// `jwks_uri`.
    #[must_use]
    pub fn jwks_url(&self) -> &str {
        &self.jwks_url
    }

    /// `registration_endpoint`, if one is configured.
    #[must_use]
    pub fn client_registration_url(&self) -> Option<&str> {
        self.client_registration_url.as_deref()
    }

    /// `end_session_endpoint`.
    #[must_use]
    pub fn end_session_url(&self) -> String {
        self.under_issuer("oauth2/sessions/logout")
    }

    /// `revocation_endpoint`.
    #[must_use]
    pub fn revocation_url(&self) -> String {
        self.under_issuer("oauth2/revoke")
    }

    /// The audience that client and grant assertions must name (RFC 7523 §3): the token endpoint
    /// under the public URL, whatever the discovery document shows.
    #[must_use]
    pub fn token_audience(&self) -> String {
        self.under_public("oauth2/token")
    }

    /// A path under the issuer, without doubling the slash between.
    #[must_use]
    pub fn under_issuer(&self, path: &str) -> String {
        join(&self.issuer, path)
    }

    /// A path under the public URL, without doubling the slash between.
    #[must_use]
    pub fn under_public(&self, path: &str) -> String {
        join(&self.public, path)
    }

    /// A path under the admin URL, without doubling the slash between.
    #[must_use]
    pub fn under_admin(&self, path: &str) -> String {
        join(&self.admin, path)
    }
}

/// The URL of a listener as it can be reached from this machine.
///
/// Hydra: outside development mode it is always https. Where Hydra leaves the host empty because
/// `serve.X.host` is set, that host is named here.
fn fallback(interface: &Interface, dev: bool) -> String {
    let scheme = if dev && !interface.tls.enabled {
        "http"
    } else {
        "https"
    };
    format!("{scheme}://{}/", interface.authority())
}

/// Whether a URL is absolute or begins with a slash, so that it is usable in a request line.
fn is_request_uri(url: &str) -> bool {
    url.starts_with('/') || scheme(url).is_some()
}

/// The URL with `/` for an empty path behind a host.
fn with_path(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (before, rest) = url.split_at(end);
    match before.split_once("://") {
        Some((_, authority)) if !authority.contains('/') => format!("{before}/{rest}"),
        _ => url.to_owned(),
    }
}

/// Appends a path to that of the base; query and fragment of the base stay behind it.
fn join(base: &str, path: &str) -> String {
    let end = base.find(['?', '#']).unwrap_or(base.len());
    let (before, rest) = base.split_at(end);
    let path = path.trim_start_matches('/');
    format!("{}/{path}{rest}", before.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_never_doubles_the_slash() {
        for (base, path, joined) in [
            ("http://a.example", "x/y", "http://a.example/x/y"),
            ("http://a.example/", "/x", "http://a.example/x"),
            ("http://a.example/b//", "x", "http://a.example/b/x"),
            (
                "http://a.example/b?c=d#e",
                "x",
                "http://a.example/b/x?c=d#e",
            ),
        ] {
            assert_eq!(join(base, path), joined);
        }
    }

    #[test]
    fn an_empty_path_becomes_a_slash() {
        for (url, with) in [
            ("https://a.example", "https://a.example/"),
            ("https://a.example?b=/", "https://a.example/?b=/"),
            ("https://a.example/b", "https://a.example/b"),
            ("/login", "/login"),
            ("login", "login"),
            ("urn:a", "urn:a"),
        ] {
            assert_eq!(with_path(url), with);
        }
    }
}
