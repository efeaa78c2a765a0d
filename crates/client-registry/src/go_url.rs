//! Addresses as Go's `net/url` reads them, which is what decides whether Hydra takes a value. It
//! is more lenient than WHATWG's or RFC 3986's grammar and keeps texts as they were written.

/// The parts of an address that rules ask for. Texts stay encoded as they came, but the scheme is in
/// lower case.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct GoUrl<'a> {
    pub(crate) scheme: String,
    /// What follows the scheme of an address such as `app:cb`, which has neither host nor path.
    pub(crate) opaque: &'a str,
    pub(crate) user_info: Option<&'a str>,
    /// Host and port.
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) fragment: &'a str,
}

impl<'a> GoUrl<'a> {
    /// Like Go's `ParseRequestURI`: absolute, or an absolute path; `#` is an ordinary character.
    pub(crate) fn parse_request(text: &'a str) -> Result<Self, String> {
        parse(text, true).map_err(|why| failed(text, &why))
    }

    /// Like Go's `Parse`: also relative, and with a fragment.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut url = parse(address, false).map_err(|why| failed(address, &why))?;
        check_escapes(fragment).map_err(|why| failed(text, &why))?;
        url.fragment = fragment;
        Ok(url)
    }

    /// The host without port and brackets.
    pub(crate) fn host_name(&self) -> &'a str {
        let host = self.host;
        if let Some(inner) = host.strip_prefix('[') {
            return inner.split(']').next().unwrap_or_default();
        }
        match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        }
    }

    /// The port as it was written; empty if there is none.
    pub(crate) fn port(&self) -> &'a str {
        let behind = self.host.rsplit(']').next().unwrap_or_default();
        match behind.rsplit_once(':') {
            Some((_, port)) if port.bytes().all(|b| b.is_ascii_digit()) => port,
            _ => "",
        }
    }
}

fn failed(text: &str, why: &str) -> String {
    format!("parse {text:?}: {why}")
}

fn parse(text: &str, request: bool) -> Result<GoUrl<'_>, String> {
    if text.bytes().any(|b| b < b' ' || b == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if text.is_empty() && request {
        return Err("empty url".to_owned());
    }
    let mut url = GoUrl::default();
    if text == "*" {
        url.path = text;
        return Ok(url);
    }
    let (scheme, rest) = split_scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (mut rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    url.query = query;
    if !rest.starts_with('/') {
        if !url.scheme.is_empty() {
            url.opaque = rest;
            return Ok(url);
        }
        if request {
            return Err("invalid URI for request".to_owned());
        }
        if rest.split('/').next().unwrap_or_default().contains(':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    // Without a scheme, a request's `//` begins a path, as does `///` everywhere.
    if (!url.scheme.is_empty() || !request && !rest.starts_with("///"))
        && let Some(behind) = rest.strip_prefix("//")
    {
        let end = behind.find('/').unwrap_or(behind.len());
        let (authority, path) = behind.split_at(end);
        (url.user_info, url.host) = split_authority(authority)?;
        rest = path;
    }
    check_escapes(rest)?;
    url.path = rest;
    Ok(url)
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    let of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let end = text.find(|c| !of_scheme(c)).unwrap_or(text.len());
    let (scheme, behind) = text.split_at(end);
    match behind.strip_prefix(':') {
        Some(_) if scheme.is_empty() => Err("missing protocol scheme".to_owned()),
        Some(rest) if scheme.starts_with(|c: char| c.is_ascii_alphabetic()) => Ok((scheme, rest)),
        _ => Ok(("", text)),
    }
}

fn split_authority(authority: &str) -> Result<(Option<&str>, &str), String> {
    let (user_info, host) = match authority.rsplit_once('@') {
        Some((user_info, host)) => (Some(user_info), host),
        None => (None, authority),
    };
    check_host(host)?;
    if let Some(user_info) = user_info {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user_info.chars().all(allowed) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        check_escapes(user_info)?;
    }
    Ok((user_info, host))
}

fn check_host(host: &str) -> Result<(), String> {
    let (name, port, zone) = if host.starts_with('[') {
        let Some(end) = host.rfind(']') else {
            return Err("missing ']' in host".to_owned());
        };
        let inner = &host[..=end];
        match inner.find("%25") {
            Some(at) => (&inner[..at], &host[end + 1..], &inner[at..]),
            None => (inner, &host[end + 1..], ""),
        }
    } else {
        let port = host.rfind(':').unwrap_or(host.len());
        (host, &host[port..], "")
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => {}
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {}
        _ => return Err(format!("invalid port {port:?} after host")),
    }
    check_escapes(zone)?;
    let allowed = |c: char| {
        c.is_ascii_alphanumeric() || !c.is_ascii() || "-_.~!$&'()*+,;=:[]<>\"".contains(c)
    };
    // Hydra: a name may hold bytes beyond ASCII as they are, but no escape of any byte.
    if let Some(bad) = name.chars().find(|c| !allowed(*c)) {
        return Err(if bad == '%' {
            escape_in(name)
        } else {
            format!("invalid character {:?} in host name", bad.to_string())
        });
    }
    Ok(())
}

fn escape_in(text: &str) -> String {
    let at = text.find('%').unwrap_or_default();
    let escape: String = text[at..].chars().take(3).collect();
    format!("invalid URL escape {escape:?}")
}

fn check_escapes(text: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let digits = rest.as_bytes().get(at + 1..at + 3);
        if !digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit)) {
            return Err(escape_in(&rest[at..]));
        }
        rest = &rest[at + 3..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_addresses_are_absolute_or_absolute_paths() {
        for text in [
            "https://a.example.org/cb",
            "https://a.example.org",
            "https://a.example.org/cb?x=1&y=%20",
            "https://a.example.org:8443/cb",
            "http://[::1]:3000/cb",
            "http://[fe80::1%25en0]/",
            "com.example.app:/cb",
            "com.example.app://cb",
            "myapp:cb",
            "urn:ietf:wg:oauth:2.0:oob",
            "/cb",
            "//a/cb",
            "/a//b",
            "https://user:pw@a.example.org/cb",
            "https://a.example.org/ä b",
            "https://bücher.example/",
            "HTTPS://A.EXAMPLE.ORG/CB",
            "javascript:alert(1)",
            "data:,x",
            "*",
            "https://",
            "https:/cb",
            "https:cb",
            "example.org:8080/cb",
            "https://a:99999/",
            "https://a:/",
            "https://a/#x",
            "https://a/?%zz",
        ] {
            assert!(GoUrl::parse_request(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn everything_else_is_no_request_address() {
        for text in [
            "",
            " ",
            "cb",
            "a.example.org/cb",
            "?x=1",
            "https://a b.example.org/cb",
            "https://a.example.org/%zz",
            "https://a.example.org/%4",
            "https://a.example.org:port/cb",
            "https://[::1/cb",
            "https://[::1]x/",
            ":/cb",
            "1https://a.example.org/cb",
            "https://a.example.org/\ncb",
            "https://a.example.org/\u{7f}",
            "https://a%41.example.org/",
            "https://a%25b/",
            "https://us er@a/",
            "+a:/cb",
        ] {
            assert!(GoUrl::parse_request(text).is_err(), "{text}");
        }
    }

    #[track_caller]
    fn check(text: &str, scheme: &str, host: &str, name: &str, port: &str, path: &str) {
        let url = GoUrl::parse(text).unwrap();
        let got = (
            url.scheme.as_str(),
            url.host,
            url.host_name(),
            url.port(),
            url.path,
        );
        assert_eq!(got, (scheme, host, name, port, path), "{text}");
    }

    #[test]
    fn addresses_fall_into_their_parts() {
        check("HTTPS://A.b:443//", "https", "A.b:443", "A.b", "443", "//");
        check(
            "http://[::1]:80/x?y#z",
            "http",
            "[::1]:80",
            "::1",
            "80",
            "/x",
        );
        check("http://[::1]", "http", "[::1]", "::1", "", "");
        check(
            "//a.example.org",
            "",
            "a.example.org",
            "a.example.org",
            "",
            "",
        );
        check(
            "com.example.app:/bye",
            "com.example.app",
            "",
            "",
            "",
            "/bye",
        );
        check("app:bye", "app", "", "", "", "");
        check("null", "", "", "", "", "null");
        let url = GoUrl::parse("https://u:p@a/?q=1#f").unwrap();
        assert_eq!(
            (url.user_info, url.query, url.fragment),
            (Some("u:p"), "q=1", "f")
        );
    }

    #[test]
    fn what_cannot_be_parsed_is_told_in_go_s_words() {
        for (text, why) in [
            (
                "https://a:port/",
                r#"parse "https://a:port/": invalid port ":port" after host"#,
            ),
            (
                "https://[::1",
                r#"parse "https://[::1": missing ']' in host"#,
            ),
            ("%zz", r#"parse "%zz": invalid URL escape "%zz""#),
            (
                "https://a b/",
                r#"parse "https://a b/": invalid character " " in host name"#,
            ),
            (
                "a:b\n",
                "parse \"a:b\\n\": net/url: invalid control character in URL",
            ),
            (":", r#"parse ":": missing protocol scheme"#),
            (
                "1a:b",
                r#"parse "1a:b": first path segment in URL cannot contain colon"#,
            ),
        ] {
            assert_eq!(GoUrl::parse(text), Err(why.to_owned()));
        }
    }
}
