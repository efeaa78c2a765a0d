//! Which texts pass as URIs, references, origins and address blocks.

use std::net::IpAddr;

/// Whether the text is an absolute URI: a scheme and something a URL parser takes.
pub(crate) fn is_uri(text: &str) -> bool {
    scheme(text).is_some() && is_reference(text)
}

/// Whether the text is a URI or a relative reference. Blanks and control characters never are.
pub(crate) fn is_reference(text: &str) -> bool {
    if text.chars().any(|c| c.is_control() || c == ' ') {
        return false;
    }
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let before = before.split('?').next().unwrap_or_default();
    let rest = match scheme(before) {
        Some(name) => before.get(name.len() + 1..).unwrap_or_default(),
        // RFC 3986 §4.2: the first segment of a relative path has no colon.
        None if before.split('/').next().is_some_and(|s| s.contains(':')) => return false,
        None => before,
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    is_authority(authority) && escapes_are_whole(path) && escapes_are_whole(fragment)
}

/// The scheme before the first colon, in the letters of RFC 3986 §3.1.
pub(crate) fn scheme(text: &str) -> Option<&str> {
    let (name, _) = text.split_once(':')?;
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let fits = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    (starts && fits).then_some(name)
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let port = if let Some(rest) = host.strip_prefix('[') {
        match rest.split_once(']') {
            Some((_, after)) if after.is_empty() || after.starts_with(':') => after,
            _ => return false,
        }
    } else if host.contains(['[', ']']) {
        return false;
    } else {
        host.find(':')
            .and_then(|at| host.get(at..))
            .unwrap_or_default()
    };
    let port = port.strip_prefix(':').unwrap_or(port);
    port.chars().all(|c| c.is_ascii_digit()) && escapes_are_whole(user) && escapes_are_whole(host)
}

fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let mut chars = after.chars();
        (0..2).all(|_| chars.next().is_some_and(|c| c.is_ascii_hexdigit()))
    })
}

/// Whether the text is an origin for CORS: `*`, or a URI with at most one `*`.
pub(crate) fn is_origin(text: &str) -> bool {
    text == "*" || (text.matches('*').count() <= 1 && is_uri(text))
}

/// Whether the text is a block of addresses such as `10.0.0.0/8` or `::1/128`.
pub(crate) fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.len() <= 3
        && length.chars().all(|c| c.is_ascii_digit())
        && length.parse::<u8>().is_ok_and(|length| length <= most)
}

/// Whether the text is a semantic version with a leading `v`.
pub(crate) fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else {
        return false;
    };
    let (rest, build) = rest.split_once('+').unwrap_or((rest, "x"));
    let (numbers, pre) = rest.split_once('-').unwrap_or((rest, "x"));
    let word = |text: &str| {
        text.split('.')
            .all(|w| !w.is_empty() && w.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    };
    let number = |n: &str| {
        !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()) && (n == "0" || !n.starts_with('0'))
    };
    numbers.split('.').count() == 3 && numbers.split('.').all(number) && word(pre) && word(build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_pass_as_uri_or_reference_as_recorded() {
        for (text, uri, reference) in [
            ("https://id.example", true, true),
            ("http://127.0.0.1:4444/a?b=c#d", true, true),
            ("http://[::1]:80/", true, true),
            ("urn:x:y", true, true),
            ("https://user:p%40ss@host/", true, true),
            ("id.example", false, true),
            ("hook.example/x", false, true),
            ("/", false, true),
            ("/hook", false, true),
            ("//host/path", false, true),
            ("", false, true),
            ("login", false, true),
            ("?a=b:c", false, true),
            ("http://login .example", false, false),
            ("http://[::1", false, false),
            ("http://host:port/", false, false),
            ("http://a:b:1/", false, false),
            ("127.0.0.1:4444", false, false),
            (":x", false, false),
            ("/%zz", false, false),
            ("/a\n", false, false),
        ] {
            assert_eq!(
                (is_uri(text), is_reference(text)),
                (uri, reference),
                "{text}"
            );
        }
    }

    #[test]
    fn origins_have_a_scheme_and_at_most_one_star() {
        for (text, fits) in [
            ("*", true),
            ("https://a.example", true),
            ("https://*.a.example", true),
            ("http://*", true),
            ("app.example", false),
            ("https://*.*.example", false),
            ("https://a.example:*", false),
            ("", false),
        ] {
            assert_eq!(is_origin(text), fits, "{text}");
        }
    }

    #[test]
    fn blocks_have_an_address_and_a_length_within_it() {
        for (text, fits) in [
            ("127.0.0.1/32", true),
            ("::1/128", true),
            ("10.0.0.0/8", true),
            ("127.0.0.1", false),
            ("10.0.0.0/33", false),
            ("10.0.0.0/", false),
            ("10.0.0.0/+8", false),
            ("host/8", false),
        ] {
            assert_eq!(is_cidr(text), fits, "{text}");
        }
    }

    #[test]
    fn versions_are_semantic_and_begin_with_v() {
        for (text, fits) in [
            ("v2.0.3", true),
            ("v2.0.3-rc.1+build.5", true),
            ("2.0.3", false),
            ("v2.0", false),
            ("v02.0.3", false),
            ("v2.0.3-", false),
            ("1", false),
        ] {
            assert_eq!(is_version(text), fits, "{text}");
        }
    }
}
