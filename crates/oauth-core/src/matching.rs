//! Whether a client may ask for a scope or an audience.

use client_registry::Client;
use oauth_types::{Audiences, ErrorCode, OAuthError, Scopes};

/// How a registered scope is compared with a requested one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeStrategy {
    /// Letter by letter.
    Exact,
    /// `*` stands for a part between dots; at the end for all further parts.
    Wildcard,
}

impl ScopeStrategy {
    /// Whether `registered` admits `requested`.
    #[must_use]
    pub fn admits(self, registered: &str, requested: &str) -> bool {
        match self {
            Self::Exact => registered == requested,
            Self::Wildcard => wildcard(registered, requested),
        }
    }

    /// The first of `requested` that no registered scope admits.
    pub(crate) fn first_refused<'a>(
        self,
        registered: &Scopes,
        requested: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        requested
            .into_iter()
            .find(|wanted| !registered.iter().any(|r| self.admits(r, wanted)))
    }
}

fn wildcard(registered: &str, requested: &str) -> bool {
    let pattern: Vec<&str> = registered.split('.').collect();
    let parts: Vec<&str> = requested.split('.').collect();
    if pattern.len() > parts.len() || (pattern.len() < parts.len() && pattern.last() != Some(&"*"))
    {
        return false;
    }
    pattern.iter().zip(&parts).all(|(p, part)| {
        if *p == "*" {
            !part.is_empty()
        } else {
            p == part
        }
    })
}

/// Checks scopes against those of a client.
pub(crate) fn check_scopes(
    strategy: ScopeStrategy,
    client: &Client,
    requested: &Scopes,
) -> Result<(), OAuthError> {
    match strategy.first_refused(&client.scopes(), requested.iter()) {
        None => Ok(()),
        Some(scope) => Err(OAuthError::new(ErrorCode::InvalidScope).hint(format!(
            "The OAuth 2.0 Client is not allowed to request scope '{scope}'."
        ))),
    }
}

/// Checks audiences against those of a client: scheme and host are equal, and the path is equal or
/// below.
pub(crate) fn check_audiences(client: &Client, requested: &Audiences) -> Result<(), OAuthError> {
    let refuse = |hint: String| Err(OAuthError::new(ErrorCode::InvalidRequest).hint(hint));
    for wanted in requested.iter() {
        let Some(url) = AudienceUrl::parse(wanted) else {
            return refuse(format!("Unable to parse requested audience '{wanted}'."));
        };
        let mut found = false;
        for registered in &client.audience {
            let Some(registered_url) = AudienceUrl::parse(registered) else {
                return refuse(format!(
                    "Unable to parse whitelisted audience '{registered}'."
                ));
            };
            if registered_url.admits(&url) {
                found = true;
                break;
            }
        }
        if !found {
            return refuse(format!(
                "Requested audience '{wanted}' has not been whitelisted by the OAuth 2.0 Client."
            ));
        }
    }
    Ok(())
}

/// The parts of an audience that count.
struct AudienceUrl<'a> {
    scheme: String,
    host: &'a str,
    /// The path, or the opaque part of an address without `//` such as a URN.
    path: String,
}

impl<'a> AudienceUrl<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text.bytes().any(|b| b < 0x20 || b == 0x7f) {
            return None;
        }
        let text = text.split('#').next().unwrap_or_default();
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
            // A colon in the first segment of a relative reference is ambiguous (RFC 3986 §4.2).
            Some((first, _)) if !first.contains('/') => return None,
            _ => (String::new(), text),
        };
        let rest = rest.split('?').next().unwrap_or_default();
        let (host, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let authority = &rest[..end];
                let host = authority
                    .rsplit_once('@')
                    .map_or(authority, |(_, host)| host);
                (host, &rest[end..])
            }
            None => ("", rest),
        };
        if !is_host(host) {
            return None;
        }
        Some(Self {
            scheme,
            host,
            path: percent_decoded(path)?,
        })
    }

    fn admits(&self, requested: &Self) -> bool {
        if self.scheme != requested.scheme || self.host != requested.host {
            return false;
        }
        let (registered, requested) = (self.path.as_str(), requested.path.as_str());
        registered == requested
            || registered.trim_end_matches('/') == requested.trim_end_matches('/')
                && !registered.is_empty()
            || requested
                .strip_prefix(registered.trim_end_matches('/'))
                .is_some_and(|below| below.starts_with('/'))
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn is_host(text: &str) -> bool {
    let port = match text.rfind(']') {
        Some(end) => &text[end + 1..],
        None => text.find(':').map_or("", |at| &text[at..]),
    };
    let port_is_good = match port.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_digit()),
        None => port.is_empty(),
    };
    port_is_good && !text.contains([' ', '<', '>', '"', '%', '\\', '^', '`', '{', '|', '}'])
}

fn percent_decoded(text: &str) -> Option<String> {
    // A `+` is a letter like any other in a path.
    oauth_types::form_decode(&text.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_whole_parts() {
        for (registered, requested, admitted) in [
            ("*", "asdf", true),
            ("*", "asdf.asdf", true),
            ("*", "", false),
            ("foo", "foo", true),
            ("foo", "foo.bar", false),
            ("foo*", "foo*", true),
            ("foo*", "fooa", false),
            ("foo.*", "foo.bar", true),
            ("foo.*", "foo.bar.baz", true),
            ("foo.*", "foo", false),
            ("foo.*", "foo.", false),
            ("foo.*.baz", "foo.bar.baz", true),
            ("foo.*.baz", "foo..baz", false),
            ("foo.*.baz", "foo.baz", false),
            ("foo.*.bar.*", "foo.1.bar.1.2.3", true),
            ("foo.*.bar", "foo.bar.bar.bar", false),
        ] {
            let strategy = ScopeStrategy::Wildcard;
            assert_eq!(
                strategy.admits(registered, requested),
                admitted,
                "{registered} {requested}"
            );
        }
    }

    #[test]
    fn audiences_are_compared_as_addresses() {
        for (registered, requested, admitted) in [
            (
                "https://c.example/api/users",
                "https://c.example/api/users",
                true,
            ),
            (
                "https://c.example/api/users",
                "https://c.example/api/users/",
                true,
            ),
            (
                "https://c.example/api/users",
                "https://c.example/api/users/1234",
                true,
            ),
            (
                "https://c.example/api/users/",
                "https://c.example/api/users",
                true,
            ),
            (
                "https://c.example/api/users",
                "https://c.example/api/users1234",
                false,
            ),
            (
                "https://c.example/api/users",
                "http://c.example/api/users",
                false,
            ),
            (
                "https://c.example/api/users",
                "https://c.example:80/api/users",
                false,
            ),
            ("https://c.example", "https://c.example/", true),
            ("https://c.example/", "https://c.example", true),
            ("foobar", "foobar", true),
            ("foobar", "foobar/", true),
            ("HTTPS://c.example/a", "https://c.example/a", true),
            ("urn:example:one", "urn:example:one", true),
            ("urn:example:one", "urn:example:two", false),
            ("urn:example:one", "urn:example:one/more", true),
        ] {
            let (r, q) = (
                AudienceUrl::parse(registered),
                AudienceUrl::parse(requested),
            );
            assert_eq!(
                r.zip(q).is_some_and(|(r, q)| r.admits(&q)),
                admitted,
                "{registered} {requested}"
            );
        }
        assert!(AudienceUrl::parse("https://a b/c").is_none());
    }
}
