//! Where answers of the authorization endpoint may go (RFC 6749 §3.1.2, RFC 8252 §7.3).

use oauth_types::form_decode;

/// The parts of an address, cut at its separators and not decoded.
struct Parts<'a> {
    scheme: &'a str,
    authority: Option<&'a str>,
    path: &'a str,
    query: &'a str,
}

impl<'a> Parts<'a> {
    fn cut(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if !is_scheme {
            return None;
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
            None => (None, rest),
        };
        Some(Self {
            scheme,
            authority,
            path,
            query,
        })
    }

    /// The host without user information and port.
    fn host(&self) -> &'a str {
        let authority = self.authority.unwrap_or_default();
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        match host.rfind(']') {
            Some(end) => &host[..=end],
            None => host.split(':').next().unwrap_or_default(),
        }
    }
}

/// The redirect URI of a request: the registered one that was asked for, or the only one if none
/// was. `None`: there is no such, or it cannot be used.
#[must_use]
pub(crate) fn resolve(requested: &str, registered: &[String]) -> Option<String> {
    let found = if requested.is_empty() {
        match registered {
            [only] => only.clone(),
            _ => return None,
        }
    } else {
        registered
            .iter()
            .find(|r| *r == requested || is_same_loopback(requested, r))?;
        requested.to_owned()
    };
    is_valid(&found).then_some(found)
}

/// Whether an answer may go to an address that was resolved before. Hydra: it is compared again
/// with its scheme in lower case, so one registered as `HTTP://…` gets no errors.
#[must_use]
pub(crate) fn may_get_errors(resolved: &str, registered: &[String]) -> bool {
    let Some((scheme, rest)) = resolved.split_once(':') else {
        return false;
    };
    resolve(
        &format!("{}:{rest}", scheme.to_ascii_lowercase()),
        registered,
    )
    .is_some()
}

/// An address is usable if it has a scheme, names something and has no fragment.
fn is_valid(uri: &str) -> bool {
    !uri.contains('#')
        && !uri.bytes().any(|b| b < 0x20 || b == 0x7f)
        && Parts::cut(uri).is_some_and(|parts| {
            let host = parts.host();
            let rest_is_there = parts.authority.is_some() || !parts.path.is_empty();
            rest_is_there && !host.contains([' ', '<', '>', '"']) && escapes_are_whole(parts.path)
        })
}

fn escapes_are_whole(path: &str) -> bool {
    form_decode(path).is_some()
}

/// Whether both are the same address on this machine but for the port (RFC 8252 §7.3). User
/// information is refused: `http://trusted@127.0.0.1` deceives whoever reads it.
fn is_same_loopback(requested: &str, registered: &str) -> bool {
    let (Some(asked), Some(known)) = (Parts::cut(requested), Parts::cut(registered)) else {
        return false;
    };
    let Some(authority) = asked.authority else {
        return false;
    };
    let (host, port) = match authority.strip_prefix("[::1]") {
        Some(port) => ("[::1]", port),
        None => match authority.strip_prefix("127.0.0.1") {
            Some(port) => ("127.0.0.1", port),
            None => return false,
        },
    };
    let port_is_good = match port.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_digit()),
        None => port.is_empty(),
    };
    let decoded = |path: &str| form_decode(&path.replace('+', "%2B"));
    port_is_good
        && asked.scheme.eq_ignore_ascii_case("http")
        && known.host() == host
        && asked.query == known.query
        && decoded(asked.path).is_some_and(|path| Some(path) == decoded(known.path))
}

/// Whether tokens may be sent there outside development mode: not over plain http, but to this
/// machine.
#[must_use]
pub(crate) fn is_secure(uri: &str) -> bool {
    let Some(parts) = Parts::cut(uri) else {
        return false;
    };
    !parts.scheme.eq_ignore_ascii_case("http") || is_local(parts.host())
}

/// Whether it is https, or http to this machine; custom schemes are not.
#[must_use]
pub fn is_secure_web_address(uri: &str) -> bool {
    let Some(parts) = Parts::cut(uri) else {
        return false;
    };
    parts.scheme.eq_ignore_ascii_case("https")
        || (parts.scheme.eq_ignore_ascii_case("http") && is_local(parts.host()))
}

fn is_local(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_addresses_match_letter_by_letter_but_for_loopback_ports() {
        for (registered, requested, found) in [
            ("https://bar.com/cb", "https://bar.com/cb", true),
            ("https://bar.com/cb", "", true),
            ("https://bar.com/cb", "https://bar.com/cb123", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:64000/cb", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", true),
            ("http://127.0.0.1", "http://127.0.0.1:64000/cb", false),
            ("http://[::1]/cb", "http://[::1]:1024/cb", true),
            (
                "http://127.0.0.1:8080/cb",
                "http://127.0.0.1:8080/cb?foo=bar",
                false,
            ),
            (
                "http://127.0.0.1:8080/cb?foo=bar&baz=bar",
                "http://127.0.0.1:8080/cb?baz=bar&foo=bar",
                false,
            ),
            (
                "http://127.0.0.1:8080/cb",
                "http://127.0.0.1:8080/Cb",
                false,
            ),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/%63b", true),
            ("http://localhost/cb", "http://localhost:1/cb", false),
            ("http://127.0.0.1/cb", "http://user@127.0.0.1:1/cb", false),
            (
                "http://127.0.0.1/cb",
                "http://evil.example@127.0.0.1:1/cb",
                false,
            ),
            (
                "https://google.com/?foo=bar%20foo+baz",
                "https://google.com/?foo=bar%20foo+baz",
                true,
            ),
            ("wta://auth", "wta://auth", true),
            ("wta:///auth", "wta:///auth", true),
            (
                "web+application://callback",
                "web+application://callback",
                true,
            ),
            ("https://bar.com/cb#x", "https://bar.com/cb#x", false),
        ] {
            let registered = vec![registered.to_owned()];
            assert_eq!(
                resolve(requested, &registered).is_some(),
                found,
                "{registered:?} {requested}"
            );
        }
    }

    #[test]
    fn only_this_machine_is_secure_over_http() {
        for (uri, secure, web) in [
            ("https://a.example/cb", true, true),
            ("http://a.example/cb", false, false),
            ("http://localhost:1/cb", true, true),
            ("http://app.localhost/cb", true, true),
            ("http://127.0.0.1/cb", true, true),
            ("http://[::1]:1/cb", true, true),
            ("http://127.0.0.2/cb", false, false),
            ("app:/cb", true, false),
        ] {
            assert_eq!(
                (is_secure(uri), is_secure_web_address(uri)),
                (secure, web),
                "{uri}"
            );
        }
    }
}
